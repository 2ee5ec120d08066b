#include "packing.hpp"

#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

namespace trunkline {

Packing::Packing(const at::Tensor& mask)
    : index_(mask.flatten().nonzero().squeeze(1)), rows_(mask.size(0)), length_(mask.size(1)) {}

at::Tensor Packing::pack(const at::Tensor& tokens) const {
  return index_.defined() ? tokens.flatten(0, 1).index_select(0, index_) : tokens;
}

at::Tensor Packing::unpack(const at::Tensor& packed) const {
  if (!index_.defined()) return packed;
  const int64_t width = packed.size(1);
  return at::zeros({rows_ * length_, width}, packed.options())
      .index_copy(0, index_, packed)
      .view({rows_, length_, width});
}

at::Tensor Packing::drop(const Dropout& dropout, const at::Tensor& packed,
                         const Context& context) const {
  if (!index_.defined()) return dropout.forward(packed, context);
  if (!context.training || dropout.p == 0.0) return packed;
  const at::Tensor ones = at::ones({rows_, length_, packed.size(1)}, packed.options());
  return packed.mul(pack(dropout.forward(ones, context)));
}

}  // namespace trunkline
