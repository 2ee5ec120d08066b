// Numbers along an axis, and the file's scale and bias, which turn stored numbers into the quantity
// they stand for.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <vector>

#include "trunkline/core/description.hpp"

namespace trunkline {

/// One number, or one per entry of the axis, as a tensor of v's type that broadcasts over v.
at::Tensor broadcast_along(const std::vector<double>& numbers, const at::Tensor& v, int64_t axis);

/// v * scale + bias, in the type of v; numbers per channel run along `axis`.
/// @param v (n, …) of a floating type
/// @throws DataError where the file gives neither one number nor one per entry of the axis
at::Tensor scale_and_shift(const at::Tensor& v, const FieldDescription& field, int64_t axis);

}  // namespace trunkline
