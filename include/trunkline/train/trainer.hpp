// The training step: one global update from one global batch of every source.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "trunkline/core/step_record.hpp"
#include "trunkline/exchange/reducer.hpp"
#include "trunkline/optim/moving_average.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/optim/schedule.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/multi_task_model.hpp"
#include "trunkline/train/step_inputs.hpp"
#include "trunkline/train/trainable.hpp"

namespace trunkline {

class StepAction;

/// Valid elements and N_t of every task over all ranks: the sum of collective c0.
struct GlobalCounts {
  std::vector<double> valid, weight;
  bool present(std::size_t t) const { return weight[t] > 0.0; }
};

/// What a step tells the run; equal on all ranks.
struct StepOutcome {
  std::vector<std::optional<double>>
      losses;  ///< mean loss of each task; nullopt where no valid label was seen
  double gradient_norm = 0.0;
  double learning_rate = 0.0;
  bool skipped = false;  ///< not finite and train.on_nonfinite is skip_step
  bool stop = false;     ///< some rank was asked to stop
  bool save = false;     ///< some rank's clock says that a checkpoint is due
};

/// Wishes of this rank that ride on the step's record.
struct StepWishes {
  bool stop = false, save = false;
};

/// Steps model, optimizer and sources of one rank, in time with all others. One thread.
class Trainer {
 public:
  /// @param average null without train.ema
  Trainer(const Config& config, const Plan& plan, MultiTaskModel& model, const Trainable& trainable,
          Optimizer& optimizer, MovingAverage* average, const Schedule& schedule,
          StepInputs& inputs, Reducer& reducer, Ranks& ranks);

  /// Collective. @throws AgreedError (numeric) naming task and step where something is not finite
  /// and train.on_nonfinite is stop, or where replicas of the trunk have come apart
  StepOutcome step(int64_t step, const StepWishes& wishes);
  /// The same with the gradients of an action that takes the step; no data are taken.
  StepOutcome step(int64_t step, const StepWishes& wishes, StepAction& action);

  /// Computes the gradients of a step and sums them, but moves nothing and takes no data.
  /// Collective. @return seconds
  double rehearse(int64_t step);

 private:
  class PendingCounts;
  void forward_backward(const StepInput& input, PendingCounts& counts, RankRecord& record);
  at::Tensor forward(const std::vector<GroupInput>& groups, PendingCounts& counts,
                     RankRecord& record);
  at::Tensor weighted_loss(const GroupInput& group, const TrunkOutput& trunk,
                           PendingCounts& pending, RankRecord& record);
  RankRecord record_of(const StepWishes& wishes) const;
  StepOutcome finish(int64_t step, RankRecord& mine, const GlobalCounts& counts);
  void exchange();
  void measure(RankRecord& record, int64_t step);
  StepOutcome summarize(const StepRecord& record, const GlobalCounts& counts, int64_t step) const;
  void check_record(const StepRecord& record, int64_t step) const;
  void update(const StepRecord& record, const GlobalCounts& counts, double learning_rate);

  const Config& config_;
  const Plan& plan_;
  MultiTaskModel& model_;
  const Trainable& trainable_;
  Optimizer& optimizer_;
  MovingAverage* average_;
  const Schedule& schedule_;
  StepInputs& inputs_;
  Reducer& reducer_;
  Ranks& ranks_;
};

}  // namespace trunkline
