#include <algorithm>
#include <functional>

#include "curve.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/optim/schedule.hpp"

namespace trunkline {
namespace {

bool ascending(const std::vector<int64_t>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end();
}

void describe_factors(Keys& keys, ScheduleOptions& options) {
  const bool step = options.kind == "step", multistep = options.kind == "multistep";
  keys.value("every", options.every, "units between two changes",
             {.min = 1, .when = step, .when_text = "kind: step"});
  keys.value("milestones", options.milestones, "units at which the rate changes, ascending",
             {.min = 1, .required = multistep, .when = multistep, .when_text = "kind: multistep"});
  if (multistep && !ascending(options.milestones))
    keys.reject("milestones", "must be ascending, each named once");
  keys.value("gamma", options.gamma, "factor on the rate at each change (exponential: each unit)",
             {.min = 0,
              .exclusive_min = true,
              .when = step || multistep || options.kind == "exponential",
              .when_text = "kind: step | multistep | exponential"});
}

}  // namespace

void describe(Keys& keys, ScheduleOptions& options) {
  keys.choice("kind", options.kind, schedule_kinds(), "how the learning rate changes over time");
  keys.choice("unit", options.unit, {"step", "epoch"},
              "what times count; by epoch the rate changes only where an epoch begins; "
              "default: step for cosine and linear, epoch for the others");
  keys.value("warmup_steps", options.warmup_steps,
             "steps in which the rate rises linearly, before the schedule begins", {.min = 0});
  describe_factors(keys, options);
  keys.value("end_factor", options.end_factor, "factor on the rate at the end of the run",
             {.min = 0,
              .when = options.kind == "cosine" || options.kind == "linear",
              .when_text = "kind: cosine | linear"});
}

}  // namespace trunkline
