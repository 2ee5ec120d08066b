// From the bytes of a file to the numbers that a trunk wants.
#pragma once

#include <ATen/core/TensorBody.h>

#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/model/column_statistics.hpp"

namespace trunkline {

/// Casts an input to the run's precision, applies the file's scale and bias, standardises, and puts
/// channels first.
/// @param x (n, shape of the field) as stored   @return (n, input_shape(field))
/// @param statistics of the prepared channels; empty: inputs stay as they are
at::Tensor prepare_input(const at::Tensor& x, const FieldDescription& field,
                         c10::ScalarType precision, const ColumnStatistics& statistics = {});

/// Shape of one prepared row: channels first.
std::vector<int64_t> input_shape(const FieldDescription& field);

/// Channels of one prepared row that are standardised each on its own: the columns of a vector, the
/// first axis of (channels, height, width); (height, width) is one channel.
int64_t input_channels(const FieldDescription& field);

}  // namespace trunkline
