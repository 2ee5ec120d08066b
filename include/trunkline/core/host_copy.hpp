// Bytes of a tensor on the host, where files are written from and read into.
#pragma once

#include <ATen/core/TensorBody.h>

#include <utility>

namespace trunkline {

/// A tensor on the host: the tensor itself where it lies there, otherwise a copy taken now.
class HostCopy {
 public:
  explicit HostCopy(at::Tensor tensor) : tensor_(std::move(tensor)), host_(tensor_.cpu()) {}

  const at::Tensor& host() const { return host_; }

  /// Copies what was written into host() back to the device.
  void write_back() {
    if (!tensor_.is_cpu()) tensor_.copy_(host_);
  }

 private:
  at::Tensor tensor_, host_;
};

}  // namespace trunkline
