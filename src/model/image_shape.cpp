#include "trunkline/model/image_shape.hpp"

#include <fmt/ranges.h>

#include "trunkline/core/error.hpp"

namespace trunkline {

ImageShape image_shape(const std::vector<int64_t>& input_shape, const std::string& key,
                       const std::string& kind) {
  const std::size_t axes = input_shape.size();
  check<UsageError>(axes == 2 || axes == 3,
                    "{}.kind: {} reads images (channels, height, width), but rows have shape "
                    "({}); use kind: mlp",
                    key, kind, fmt::join(input_shape, ", "));
  return {axes == 3 ? input_shape[0] : 1, input_shape[axes - 2], input_shape[axes - 1]};
}

at::Tensor with_channels(const at::Tensor& x) { return x.dim() == 3 ? x.unsqueeze(1) : x; }

}  // namespace trunkline
