// A residual adapter: few parameters of a task's own that change shared features.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <vector>

#include "trunkline/model/layers.hpp"

namespace trunkline {

/// x + up(relu(down(norm(x)))) (Houlsby et al. 2019, with the norm in front). `up` begins as zero,
/// so that the adapter begins as the identity. A pure function; safe from several threads.
class Adapter {
 public:
  /// Declares "adapter.norm", "adapter.down" and "adapter.up" of its owner.
  /// @param features width of x   @param width of the layer between down and up
  Adapter(int64_t features, int64_t width, std::vector<ParameterSpec>& specs);

  /// @param x (n, features)   @return (n, features)
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;

 private:
  LayerNorm norm_;
  Linear down_, up_;
};

}  // namespace trunkline
