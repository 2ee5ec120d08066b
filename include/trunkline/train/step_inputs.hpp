// From the loaders' batches to what a step computes on: per accumulation part and group, inputs and
// targets.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "trunkline/data/loader.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/train/label_choice.hpp"
#include "trunkline/train/multi_task_model.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {

/// What one forward pass needs.
struct GroupInput {
  std::size_t group = 0;
  at::Tensor x;                 ///< prepared input (n, shape…)
  std::vector<Target> targets;  ///< one per task of the group
  Context context;
  int64_t rows() const { return x.defined() ? x.size(0) : 0; }
};

/// All that a rank computes in one step.
struct StepInput {
  std::vector<std::vector<GroupInput>>
      parts;                        ///< one per accumulation part; groups without rows are left out
  std::vector<Task::Count> counts;  ///< per task, over this rank's parts
};

/// Builds the inputs of one group from a batch: x on the model's device, targets on the CPU, where
/// they are counted and where metrics are made. Shared by training and evaluation.
GroupInput make_group_input(const MultiTaskModel& model, const Plan& plan, std::size_t group,
                            const Batch& batch, const FieldDescription& input,
                            c10::ScalarType precision);

/// A tensor on a device, by way of pinned memory, so that the copy need not be waited for.
at::Tensor on_device(const at::Tensor& tensor, c10::Device device);

/// Pulls one batch of every source that this rank reads and cuts it into parts and groups.
class StepInputs {
 public:
  /// @param first_batches of each source, counted from step 0: those before were taken by former
  /// steps   @param origins of the sources' orders; empty: all at step 0
  StepInputs(const Config& config, const Sources& sources, const LabelChoices& labels,
             const Plan& plan, const MultiTaskModel& model, const std::vector<std::string>& tails,
             int rank, const std::vector<int64_t>& first_batches,
             const std::vector<OrderOrigin>& origins);

  /// Blocks until the data are there. @throws DataError
  StepInput next(int64_t step);
  /// What next() will return, without taking it.
  const StepInput& peek(int64_t step);

  double seconds_waited() const { return seconds_waited_; }  ///< for data, since the start

 private:
  const Config& config_;
  const Sources& sources_;
  const LabelChoices& labels_;
  const Plan& plan_;
  const MultiTaskModel& model_;
  StepInput make(int64_t step);
  void keep_chosen(GroupInput& input, const Group& group, const Batch& rows) const;

  int rank_;
  std::optional<StepInput> peeked_;
  std::vector<std::unique_ptr<Loader>>
      loaders_;  ///< null where this rank reads nothing of a source
  double seconds_waited_ = 0.0;
};

}  // namespace trunkline
