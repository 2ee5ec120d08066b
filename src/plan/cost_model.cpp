#include "trunkline/plan/cost_model.hpp"

#include <algorithm>
#include <cmath>

namespace trunkline {
namespace {

constexpr double kClass = 1.25;  // costs within this factor may count as equal

double compute_seconds(const Plan& plan, const StepCosts& costs,
                       const std::vector<int64_t>& batches, int rank) {
  double seconds = 0.0;
  for (const Group& group : plan.groups) {
    double per_row = costs.trunk_seconds[group.source];
    for (const std::size_t t : group.tasks) per_row += costs.head_seconds[t];
    seconds +=
        per_row * static_cast<double>(group_slots(group, rank, batches[group.source]).size());
  }
  return seconds;
}

// Of a ring over these ranks, relative to the measured one over the world.
double ring_share(std::size_t ranks, int world_size) {
  if (ranks < 2 || world_size < 2) return 0.0;
  const auto share = [](double p) { return (p - 1.0) / p; };
  return share(static_cast<double>(ranks)) / share(world_size);
}

double sum_seconds(const Plan& plan, const StepCosts& costs) {
  if (plan.world_size < 2) return 0.0;
  double seconds =
      costs.latency_seconds + costs.seconds_per_byte * static_cast<double>(costs.trunk_bytes);
  double slowest = 0.0;  // sets of few ranks are summed beside each other
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) {
    const HolderSet& set = plan.holder_sets[s];
    double bytes = 0.0;
    for (const std::size_t p : set.parts) bytes += static_cast<double>(costs.part_bytes[p]);
    const double took =
        bytes * costs.seconds_per_byte * ring_share(set.ranks.size(), plan.world_size);
    if (plan.world_wide(s))
      seconds += took;
    else if (set.ranks.size() > 1)
      slowest = std::max(slowest, took + costs.latency_seconds);
  }
  return seconds + slowest;
}

}  // namespace

StepForecast forecast_step(const Plan& plan, const StepCosts& costs,
                           const std::vector<int64_t>& batches) {
  StepForecast forecast;
  for (int rank = 0; rank < plan.world_size; ++rank)
    forecast.compute_seconds =
        std::max(forecast.compute_seconds, compute_seconds(plan, costs, batches, rank));
  forecast.sum_seconds = sum_seconds(plan, costs);
  return forecast;
}

std::vector<double> task_seconds(const StepCosts& costs,
                                 const std::vector<std::size_t>& task_sources,
                                 const std::vector<int64_t>& batches) {
  std::vector<double> seconds;
  for (std::size_t t = 0; t < task_sources.size(); ++t) {
    const std::size_t source = task_sources[t];
    seconds.push_back((costs.trunk_seconds[source] + costs.head_seconds[t]) *
                      static_cast<double>(batches[source]));
  }
  const double largest = *std::max_element(seconds.begin(), seconds.end());
  for (double& cost : seconds)
    cost = std::pow(kClass, std::round(std::log(cost / largest) / std::log(kClass)));
  return seconds;
}

}  // namespace trunkline
