#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/full.h>

#include "rule.hpp"

namespace trunkline {
namespace {

// The fused kernels take the step as a float32 scalar. Its rounding above 2^24 steps is harmless:
// the bias corrections have long been 1 by then. The counter itself stays an int64.
std::vector<at::Tensor> step_of_each(const std::vector<at::Tensor>& parameters, int64_t step) {
  const at::Tensor count = at::full({}, step, parameters.front().options().dtype(at::kFloat));
  return std::vector<at::Tensor>(parameters.size(), count);
}

template <class Fused>
Rule adaptive_rule(const OptimizerOptions& options, double default_decay, Fused fused) {
  Rule rule;
  rule.moments = {"exp_avg", "exp_avg_sq"};
  rule.weight_decay = options.weight_decay.value_or(default_decay);
  rule.update = [options, fused](RangeGroup& group, double lr, int64_t step) {
    fused(group.parameters, group.gradients, group.moments[0], group.moments[1],
          /*max_exp_avg_sqs=*/at::TensorList{}, step_of_each(group.parameters, step), lr,
          options.beta1, options.beta2, group.weight_decay, options.eps, /*amsgrad=*/false,
          /*maximize=*/false);
  };
  return rule;
}

}  // namespace

Rule adam_rule(const OptimizerOptions& options) {
  return adaptive_rule(options, 0.0, [](const auto&... args) { at::_fused_adam_(args...); });
}

Rule adamw_rule(const OptimizerOptions& options) {
  Rule rule = adaptive_rule(options, 0.01, [](const auto&... args) { at::_fused_adamw_(args...); });
  rule.decoupled = true;
  return rule;
}

}  // namespace trunkline
