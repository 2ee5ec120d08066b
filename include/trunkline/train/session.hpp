// Everything that a rank needs to train, built in the right order and agreed upon by all ranks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "trunkline/data/loader.hpp"
#include "trunkline/optim/moving_average.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/optim/schedule.hpp"
#include "trunkline/plan/duration.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/config.hpp"
#include "trunkline/train/label_choice.hpp"
#include "trunkline/train/layout_choice.hpp"
#include "trunkline/train/multi_task_model.hpp"
#include "trunkline/train/sources.hpp"
#include "trunkline/train/step_action.hpp"
#include "trunkline/train/trainable.hpp"
#include "trunkline/train/trainer.hpp"
#include "trunkline/train/transfer.hpp"

namespace trunkline {

/// Sources, plan and model: enough to evaluate. The members are built one from the other and never
/// replaced.
struct Session {
  /// Collective. @throws AgreedError for anything wrong with config or data on any rank
  /// @param known statistics of a run that goes on; what else the config needs is counted
  Session(Config config, Ranks& ranks, const std::shared_ptr<IoThread>& io,
          const LayoutWishes& wishes = {}, const DataStatistics& known = {});

  Config config;
  Ranks& ranks;
  Sources sources;
  LabelChoices labels;
  ModelDescription description;
  LayoutChoice layout;
  Plan plan;
  std::unique_ptr<MultiTaskModel> model;
};

/// A session that steps.
class TrainingSession {
 public:
  /// Collective. Parameters are initialised from the seed. @param first_step where the data streams
  /// begin
  TrainingSession(Config config, Ranks& ranks, const std::shared_ptr<IoThread>& io,
                  const LayoutWishes& wishes = {}, const DataStatistics& known = {});

  /// Begins with the parameters that `init.from` gives, where it is set, instead of the initial
  /// ones. Collective. @throws AgreedError as transfer_parameters
  std::optional<Transfer> transfer(const Logger& logger);

  /// What is to happen around steps; call before anything is restored or started.
  void use(StepActions actions) { actions_ = std::move(actions); }
  /// Adds the actions' metrics to those of an evaluation. Collective.
  void evaluate_actions(std::vector<TaskMetrics>& metrics);
  /// By name, for state.json.
  nlohmann::json action_states() const;
  /// Those of a run that goes on; an action that it did not have starts fresh.
  /// @throws CheckpointError
  void restore_actions(const nlohmann::json& states);
  /// See StepAction::tensors.
  std::vector<NamedView> action_tensors();

  /// Starts the actions, opens the data streams and settles `comm.overlap`; call after a checkpoint
  /// was restored. Collective. @param overlap what a run that goes on had settled   @param origins
  /// of the sources' orders; empty: all at step 0
  void start(int64_t first_step, std::optional<bool> overlap = {},
             const std::vector<OrderOrigin>& origins = {});
  /// Whether gradients leave while backward is running.
  bool overlap() const { return overlap_; }

  StepOutcome step(int64_t step, const StepWishes& wishes = {});

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  const Duration& duration() const { return duration_; }
  const Trainable& trainable() const { return *trainable_; }
  Optimizer& optimizer() { return *optimizer_; }
  MovingAverage* average() { return average_.get(); }  ///< null without train.ema
  double seconds_waited() const { return inputs_ ? inputs_->seconds_waited() : 0.0; }
  int64_t rows_per_step() const;

 private:
  void compare_ranks();
  StepAction* taker_of(int64_t step) const;
  std::vector<int64_t> first_batches(int64_t first_step,
                                     const std::vector<OrderOrigin>& origins) const;
  void set_overlap(bool on);
  bool overlap_pays(int64_t first_step);

  Session session_;
  Duration duration_;
  bool overlap_ = false;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<Trainable> trainable_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<MovingAverage> average_;
  std::unique_ptr<Reducer> reducer_;
  std::unique_ptr<StepInputs> inputs_;
  std::unique_ptr<Trainer> trainer_;
  StepActions actions_;
};

}  // namespace trunkline
