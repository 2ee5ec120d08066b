#include "trunkline/train/layout_choice.hpp"

#include <algorithm>

#include "trunkline/train/sources.hpp"

namespace trunkline {
namespace {

std::vector<int64_t> batches_of(const Config& config) {
  std::vector<int64_t> batches;
  for (const auto& [name, source] : config.sources) batches.push_back(source.batch);
  return batches;
}

// Without a measurement a task costs what its source's batch costs the trunk.
std::vector<TaskCost> task_costs(const Config& config, const std::optional<StepCosts>& measured) {
  const std::vector<std::size_t> sources = task_sources(config);
  const std::vector<int64_t> batches = batches_of(config);
  std::vector<double> seconds;
  if (measured)
    seconds = task_seconds(*measured, sources, batches);
  else
    for (const std::size_t source : sources)
      seconds.push_back(static_cast<double>(batches[source]));
  std::vector<TaskCost> costs;
  for (std::size_t t = 0; t < sources.size(); ++t)
    costs.push_back({config.tasks[t].first, seconds[t]});
  return costs;
}

bool fits(const Holders& stored, const Config& config, int world_size) {
  int highest = -1;
  for (const std::vector<int>& ranks : stored)
    for (const int rank : ranks) highest = std::max(highest, rank);
  return stored.size() == config.tasks.size() && highest == world_size - 1;
}

LayoutOffer offer(const Config& config, const std::string& kind,
                  const std::optional<StepCosts>& costs, int world_size) {
  LayoutOptions options = config.layout;
  options.kind = kind;
  return {kind, make_layout(options, task_costs(config, costs), world_size), {}};
}

}  // namespace

Plan LayoutChoice::plan(const Config& config, int world_size) const {
  return make_plan(holders(), task_sources(config), world_size, stem_sources(config));
}

LayoutChoice choose_layout(const Config& config, const ModelDescription& model,
                           const LayoutWishes& wishes, Ranks& ranks) {
  const std::string& kind = config.layout.kind;
  const bool measured_kind = kind == "auto" || kind == "task";
  const bool reuse = measured_kind && wishes.stored && fits(*wishes.stored, config, ranks.size());
  std::optional<StepCosts> costs;
  if (wishes.forecast || (measured_kind && !reuse && ranks.size() > 1))
    costs = measure_costs(config, model, ranks);

  LayoutChoice choice;
  agree(ranks, [&] {
    if (reuse)
      choice.offers = {{kind, *wishes.stored, {}}};
    else if (kind == "auto")
      choice.offers = {offer(config, "data", costs, ranks.size()),
                       offer(config, "task", costs, ranks.size())};
    else
      choice.offers = {offer(config, kind, costs, ranks.size())};
  });
  if (!costs) return choice;
  for (LayoutOffer& o : choice.offers)
    o.forecast = forecast_step(
        make_plan(o.holders, task_sources(config), ranks.size(), stem_sources(config)), *costs,
        batches_of(config));
  std::stable_sort(choice.offers.begin(), choice.offers.end(),
                   [](const LayoutOffer& a, const LayoutOffer& b) {
                     return a.forecast->seconds() < b.forecast->seconds();
                   });
  return choice;
}

}  // namespace trunkline
