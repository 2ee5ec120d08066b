// Rows that are images, with or without a channel axis.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <string>
#include <vector>

namespace trunkline {

struct ImageShape {
  int64_t channels = 1, height = 0, width = 0;
};

/// Reads (channels, h, w), or (h, w) as one channel. @param key, kind of the trunk or stem, for the
/// message
/// @throws UsageError for any other number of axes
ImageShape image_shape(const std::vector<int64_t>& input_shape, const std::string& key,
                       const std::string& kind);

/// (n, h, w) becomes (n, 1, h, w); (n, channels, h, w) stays.
at::Tensor with_channels(const at::Tensor& x);

}  // namespace trunkline
