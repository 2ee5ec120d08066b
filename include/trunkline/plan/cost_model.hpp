// How long a step takes in a layout, from what was measured of tasks and links. Numbers in, numbers
// out.
#pragma once

#include <cstdint>
#include <vector>

#include "trunkline/plan/plan.hpp"

namespace trunkline {

/// Measured, the same on every rank. Times are those of forward and backward on one rank.
struct StepCosts {
  std::vector<double> trunk_seconds;  ///< per source: stem and trunk, per row
  std::vector<double> head_seconds;   ///< per task, per row
  std::vector<int64_t> part_bytes;    ///< per part of the plan: its gradient
  int64_t trunk_bytes = 0;
  double seconds_per_byte = 0.0;  ///< of a sum over the world
  double latency_seconds = 0.0;   ///< of a sum over the world of nothing
};

/// What a step of a plan is expected to take.
struct StepForecast {
  double compute_seconds = 0.0;  ///< of the rank that has most to do
  double sum_seconds = 0.0;      ///< of gradients over ranks
  double seconds() const { return compute_seconds + sum_seconds; }
};

/// Every group repeats the trunk's forward and backward for its rows: tasks of one source that are
/// held by different ranks cost the trunk more than once.
/// @param batches rows per step of each source
StepForecast forecast_step(const Plan& plan, const StepCosts& costs,
                           const std::vector<int64_t>& batches);

/// Costs of tasks for make_layout(): what a task alone costs per step, in classes of a quarter, so
/// that noise of the measurement does not change the layout from run to run.
std::vector<double> task_seconds(const StepCosts& costs,
                                 const std::vector<std::size_t>& task_sources,
                                 const std::vector<int64_t>& batches);

}  // namespace trunkline
