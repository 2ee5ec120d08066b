// Squares of gradient norms, in parts that ranks compute once each.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>

namespace trunkline {

/// Sum of squares in float64 of elements [begin, end) of a 1-D tensor; not finite if an element is
/// not.
double squared_norm(const at::Tensor& flat, int64_t begin, int64_t end);

/// Factor on gradients so that their norm is at most max_norm: min(1, max_norm / (norm + 1e-6)), as
/// torch clips. 1 where max_norm is 0 (no clipping).
double clip_factor(double squared_norm, double max_norm);

}  // namespace trunkline
