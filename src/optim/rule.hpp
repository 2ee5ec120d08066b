// The update rule of an optimizer: the moments that it keeps and one fused call that moves them.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "trunkline/optim/optimizer.hpp"

namespace trunkline {

/// The ranges of one slice that share a weight decay. All lists have one 1-D view per range.
struct RangeGroup {
  std::vector<at::Tensor> parameters, gradients;
  std::vector<std::vector<at::Tensor>> moments;  ///< in the order of Rule::moments
  double weight_decay = 0.0;
};

struct Rule {
  std::vector<std::string> moments;  ///< one flat tensor each, zeros before the first step
  double weight_decay = 0.0;         ///< for entries that decay
  bool decoupled = false;            ///< decay moves parameters, and is not part of the gradient
  /// Moves a group in place. `step` counts this step, so it is 1 at the first.
  std::function<void(RangeGroup& group, double lr, int64_t step)> update;
};

Rule sgd_rule(const OptimizerOptions& options);
Rule adam_rule(const OptimizerOptions& options);
Rule adamw_rule(const OptimizerOptions& options);

/// The rule of `options.kind`. @throws UsageError for an unknown kind
Rule rule_of(const OptimizerOptions& options);

/// All kinds, in the order of the table.
std::vector<std::string> optimizer_kinds();

}  // namespace trunkline
