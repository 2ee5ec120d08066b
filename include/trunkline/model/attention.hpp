// Attention: each token reads from all others what fits its question.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/model/layers.hpp"

namespace trunkline {

/// softmax(q k^T / sqrt(width)) v. Vaswani et al. 2017, equation 1. Twice differentiable.
/// @param q, k, v (n, heads, length, width)
/// @param mask bool (n, length): which tokens may be read; undefined for all. A row without any
///   reads the mean of what it has
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& mask);

/// Attention of a row of tokens to itself in several heads. Parameters: those of the linear layers
/// NAME.in (3 width, width), questions, keys and values of all heads, and NAME.out.
struct SelfAttention {
  std::string name;
  int64_t width = 0, heads = 1;
  Linear in = {}, out = {};  ///< set by declare()

  void declare(std::vector<ParameterSpec>& specs);
  /// @param x (n, length, width)   @param mask as for attend()
  at::Tensor forward(Parameters parameters, const at::Tensor& x, const at::Tensor& mask) const;
  /// What lies between the two layers.
  /// @param asked (n, length, 3 width), of NAME.in   @return (n, length, width), for NAME.out
  at::Tensor read(const at::Tensor& asked, const at::Tensor& mask) const;
};

}  // namespace trunkline
