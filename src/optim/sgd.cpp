#include <ATen/ops/_fused_sgd.h>

#include "rule.hpp"

namespace trunkline {

// The first step copies the gradient into the buffer, without dampening (Sutskever et al. 2013 as
// torch has it), so it must be told from a later step whose buffer happens to be zero.
Rule sgd_rule(const OptimizerOptions& options) {
  Rule rule;
  if (options.momentum != 0.0) rule.moments = {"momentum_buffer"};
  rule.weight_decay = options.weight_decay.value_or(0.0);
  rule.update = [options](RangeGroup& group, double lr, int64_t step) {
    const at::TensorList buffers =
        group.moments.empty() ? at::TensorList{} : at::TensorList(group.moments[0]);
    at::_fused_sgd_(group.parameters, group.gradients, buffers, group.weight_decay,
                    options.momentum, lr, options.dampening, options.nesterov, /*maximize=*/false,
                    /*is_first_step=*/step == 1);
  };
  return rule;
}

}  // namespace trunkline
