// When the clusters of a task begin, and how they keep count of themselves.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/model/clustering.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// At `start_step`: k-means over the features of all training rows gives the centres, unless the
/// head came with some (init.from). Then, and every `refresh_every` steps: one pass over the
/// training rows and one sum over ranks give the masses of the clusters, with `refresh: targets`
/// a second sum the targets of all rows, and a collapsed cluster is warned of. Centres and masses
/// lie in the head, targets here; ranks that do not hold the head take part with no rows.
class ClusterAction final : public StepAction {
 public:
  /// @throws UsageError where there are more clusters than rows, or the start lies behind the end
  ClusterAction(TrainingSession& training, std::size_t task, Logger logger);

  const std::string& name() const override { return name_; }
  void start(int64_t first_step) override;
  void before(int64_t step) override;
  nlohmann::json state() const override { return {{"refreshes", refreshes_}}; }
  void restore(const nlohmann::json& state) override;
  std::vector<NamedView> tensors() override;

 private:
  const TaskOptions& options() const { return session().config.tasks[task_].second; }
  Session& session() const { return training_.session(); }
  bool held() const { return session().plan.holds(session().ranks.rank(), task_); }
  Parameters parameters() const { return session().model->head_parameters(task_); }

  void begin(int64_t step);
  void allocate_targets();
  void refresh(int64_t step);
  void refresh_targets(const std::vector<at::Tensor>& log_q, const std::vector<at::Tensor>& samples,
                       const at::Tensor& mass);
  void warn_of_collapse(const std::vector<double>& sizes, int64_t step);

  TrainingSession& training_;
  std::size_t task_;
  Clustering& clustering_;
  std::string name_;
  Logger logger_;
  std::unique_ptr<Communicator> holders_;  // where the head is held and targets are kept
  at::Tensor targets_;                     // (samples, k), there
  int64_t samples_ = 0;                    // of the source; 0 where targets are not kept
  bool started_ = false;                   // there are centres
  bool counted_ = false;                   // there are masses and targets
  int64_t refreshes_ = 0;
  std::vector<std::size_t> collapsed_;  // as last warned of
};

/// One for each task that clusters.
void add_cluster_actions(StepActions& actions, TrainingSession& training, const Logger& logger);

}  // namespace trunkline
