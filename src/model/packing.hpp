// Rows of tokens without their padding: layers that look at single tokens need not compute it.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>

#include "trunkline/model/context.hpp"
#include "trunkline/model/dropout.hpp"

namespace trunkline {

/// How tokens (n, length, …) are packed: those of the mask as (m, …), row by row; or all, as they
/// are, so that an exported forward pass has one form.
class Packing {
 public:
  /// Nothing is left out.
  Packing() = default;
  /// @param mask bool (n, length): which tokens count
  explicit Packing(const at::Tensor& mask);

  at::Tensor pack(const at::Tensor& tokens) const;
  /// The opposite, with zeros where nothing was packed.
  at::Tensor unpack(const at::Tensor& packed) const;
  /// What dropout makes of the tokens: a token drops the same elements, packed or not.
  at::Tensor drop(const Dropout& dropout, const at::Tensor& packed, const Context& context) const;

 private:
  at::Tensor index_;  // i64 (m) of n * length; undefined: all
  int64_t rows_ = 0, length_ = 0;
};

}  // namespace trunkline
