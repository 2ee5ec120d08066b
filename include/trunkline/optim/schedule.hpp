// The learning rate as a pure function of step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// `train.schedule:` of the config. Times are in `unit`s.
struct ScheduleOptions {
  std::string kind = "constant";  ///< constant | step | multistep | exponential | cosine | linear
  std::string unit = "epoch";  ///< step | epoch: what `every`, `milestones` and `gamma` count; by
                               ///< epoch the rate changes at epoch borders
  int64_t warmup_steps = 0;  ///< linear from 0 (step k uses (k+1)/warmup_steps), then the schedule
  int64_t every = 1;         ///< step: units between factors
  std::vector<int64_t> milestones;  ///< multistep
  double gamma = 0.1;               ///< step, multistep, exponential
  double end_factor = 0.0;          ///< cosine, linear: factor at the end
};
void describe(Keys& keys, ScheduleOptions& options);

/// Factor on the base rate. Stateless: resuming needs nothing but the step.
class Schedule {
 public:
  /// @param steps_per_epoch K   @param total_steps S, at least 1
  Schedule(ScheduleOptions options, int64_t steps_per_epoch, int64_t total_steps);

  /// @param step from 0
  double factor(int64_t step) const;

 private:
  ScheduleOptions options_;
  int64_t steps_per_epoch_, total_steps_;
};

}  // namespace trunkline
