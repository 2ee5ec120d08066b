// Which layout a run takes, and what a step of it is expected to cost.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/plan/cost_model.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/config.hpp"
#include "trunkline/train/multi_task_model.hpp"

namespace trunkline {

/// A layout that was considered.
struct LayoutOffer {
  std::string kind;  ///< data | task | explicit
  Holders holders;
  std::optional<StepForecast> forecast;  ///< where costs were measured
};

/// The layout that was taken, first, and what it was weighed against.
struct LayoutChoice {
  std::vector<LayoutOffer> offers;
  const Holders& holders() const { return offers.front().holders; }
  Plan plan(const Config& config, int world_size) const;
};

/// What the choice depends on beside config and model.
struct LayoutWishes {
  std::optional<Holders> stored;  ///< of a run that goes on with the same number of ranks
  bool forecast = false;          ///< measure also where the layout does not depend on it
};

/// Measures costs where the layout needs them (`task` and `auto`): forward and backward of stems,
/// trunk and heads on numbers out of thin air, and sums over the world; nothing is trained. Equal
/// on all ranks. Collective.
/// @throws AgreedError (usage) where the layout cannot be
LayoutChoice choose_layout(const Config& config, const ModelDescription& model,
                           const LayoutWishes& wishes, Ranks& ranks);

/// The measurement: the slowest rank counts. Collective.
StepCosts measure_costs(const Config& config, const ModelDescription& model, Ranks& ranks);

}  // namespace trunkline
