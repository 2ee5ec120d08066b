// From the bytes of a file to the numbers that a trunk wants.
#pragma once

#include <ATen/core/TensorBody.h>

#include <vector>

#include "trunkline/core/description.hpp"

namespace trunkline {

/// Casts an input to the run's precision, applies the file's scale and bias, and puts channels
/// first.
/// @param x (n, shape of the field) as stored   @return (n, input_shape(field))
at::Tensor prepare_input(const at::Tensor& x, const FieldDescription& field,
                         c10::ScalarType precision);

/// Shape of one prepared row: channels first.
std::vector<int64_t> input_shape(const FieldDescription& field);

}  // namespace trunkline
