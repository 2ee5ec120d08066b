// Tensors as plain vectors, for code that walks over elements.
#pragma once

#include <ATen/core/TensorBody.h>
#include <c10/core/ScalarType.h>

#include <vector>

namespace trunkline {

/// The elements in row-major order, cast to T, without gradient; from any device.
template <class T>
std::vector<T> to_vector(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().cpu().to(c10::CppTypeToScalarType<T>::value).contiguous();
  const T* data = flat.const_data_ptr<T>();
  return {data, data + flat.numel()};
}

}  // namespace trunkline
