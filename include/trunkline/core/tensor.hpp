// The bridge between torch-free descriptions and at::Tensor.
#pragma once

#include <ATen/core/TensorBody.h>

#include <string>

#include "trunkline/core/dtype.hpp"
#include "trunkline/core/state.hpp"

namespace trunkline {

c10::ScalarType scalar_type(DType type);
DType dtype_of(const at::Tensor& tensor);

/// A view of a contiguous CPU tensor; the tensor must outlive it.
NamedView named_view(const std::string& name, const at::Tensor& tensor);

}  // namespace trunkline
