// The learning rate as a pure function of step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// `train.schedule:` of the config. Step k counts from 0; a run has S steps, K per epoch.
///
/// Warm-up, W = warmup_steps: step k < W has the factor (k + 1) / W. It always counts steps. The
/// schedule proper then begins at step W with the factor 1:
///
///   constant     1
///   step         gamma ^ floor(u / every)
///   multistep    gamma ^ (number of milestones <= u)
///   exponential  gamma ^ u
///   cosine       end_factor + (1 - end_factor) (1 + cos(pi q)) / 2
///   linear       end_factor + (1 - end_factor) (1 - q)
///
/// `unit: step`: u = k - W and q = (k - W) / (S - W). `unit: epoch`: the factor changes only where
/// an epoch begins. u counts the epoch borders since the epoch in which warm-up ended,
/// floor(k / K) - floor(W / K), so a warm-up shorter than an epoch shifts no milestone; q is taken
/// at the first step of k's epoch, so the last epoch stays above end_factor, and a run of a single
/// epoch has no decay. q stays within 0 and 1: past step S, or where W >= S, cosine and linear rest
/// at end_factor; the others go on by the same formula.
struct ScheduleOptions {
  std::string kind = "constant";  ///< constant | step | multistep | exponential | cosine | linear
  std::string unit = {};          ///< step | epoch: what u counts and where the rate may change;
                                  ///< empty: step for cosine and linear, else epoch
  int64_t warmup_steps = 0;
  int64_t every = 1;                     ///< step: units between factors, at least 1
  std::vector<int64_t> milestones = {};  ///< multistep: in units, ascending, from 1
  double gamma = 0.1;                    ///< step, multistep, exponential; greater than 0
  double end_factor = 0.0;               ///< cosine, linear: factor at the end, at least 0
};
void describe(Keys& keys, ScheduleOptions& options);

/// Factor on the base rate. Stateless: resuming needs nothing but the step. Thread-safe.
class Schedule {
 public:
  /// @param steps_per_epoch K, at least 1   @param total_steps S, at least 1
  /// @throws UsageError for an unknown kind or unit, or `every` below 1
  Schedule(ScheduleOptions options, int64_t steps_per_epoch, int64_t total_steps);

  /// @param step from 0
  double factor(int64_t step) const;

 private:
  ScheduleOptions options_;
  int64_t steps_per_epoch_, total_steps_;
};

}  // namespace trunkline
