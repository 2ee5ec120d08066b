// The file's scale and bias: what turns stored numbers into the quantity they stand for.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>

#include "trunkline/core/description.hpp"

namespace trunkline {

/// v * scale + bias, in the type of v; numbers per channel run along `axis`.
/// @param v (n, …) of a floating type
/// @throws DataError where the file gives neither one number nor one per entry of the axis
at::Tensor scale_and_shift(const at::Tensor& v, const FieldDescription& field, int64_t axis);

}  // namespace trunkline
