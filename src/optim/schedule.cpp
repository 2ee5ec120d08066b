#include "trunkline/optim/schedule.hpp"

#include <algorithm>
#include <utility>

#include "curve.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

// A run that is all warm-up has no steps left to spread a decay over: it is at the end at once.
double share_of(int64_t steps, int64_t all) {
  if (all <= 0) return 1.0;
  return std::clamp(static_cast<double>(steps) / static_cast<double>(all), 0.0, 1.0);
}

}  // namespace

Schedule::Schedule(ScheduleOptions options, int64_t steps_per_epoch, int64_t total_steps)
    : options_(std::move(options)), steps_per_epoch_(steps_per_epoch), total_steps_(total_steps) {
  curve_of(options_.kind);  // refuses an unknown kind here rather than at the first step
  const bool smooth = options_.kind == "cosine" || options_.kind == "linear";
  if (options_.unit.empty()) options_.unit = smooth ? "step" : "epoch";
  check<UsageError>(options_.unit == "step" || options_.unit == "epoch",
                    "train.schedule.unit: \"{}\" is unknown; expected step or epoch",
                    options_.unit);
  check<UsageError>(options_.every >= 1, "train.schedule.every: {}; expected at least 1",
                    options_.every);
  ensure(steps_per_epoch >= 1 && total_steps >= 1, "a schedule needs at least one step");
}

double Schedule::factor(int64_t step) const {
  ensure(step >= 0, "steps count from 0");
  const int64_t warmup = options_.warmup_steps;
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  const int64_t unit = options_.unit == "epoch" ? steps_per_epoch_ : 1;
  const int64_t unit_start = step / unit * unit;
  const CurvePosition position = {
      .units = step / unit - warmup / unit,
      .progress = share_of(unit_start - warmup, total_steps_ - warmup),
  };
  return curve_of(options_.kind)(options_, position);
}

}  // namespace trunkline
