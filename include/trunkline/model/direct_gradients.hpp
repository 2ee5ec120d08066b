// Weight gradients that backward computes where they belong, with no tensor in between.
#pragma once

#include <ATen/core/TensorBody.h>

#include <vector>

namespace trunkline {

/// While it lives, `linear` of this thread has matrix products write into the gradients that its
/// weights have: the first of a step replaces what is there, further ones add. That saves clearing
/// the gradient, a tensor of its size, and the sum of both; with wide layers and small batches a
/// good part of a step. Bits are those of autograd's own way where a weight is used once a step.
///
/// Only for plain backward into gradients that exist already: no second derivatives, no
/// autograd::grad, and a weight that `linear` uses must not be used by anything else in the step.
/// One step; one training thread. Backward may run on a thread of a device.
class DirectGradients {
 public:
  DirectGradients();
  ~DirectGradients();
  DirectGradients(const DirectGradients&) = delete;
  DirectGradients& operator=(const DirectGradients&) = delete;

  /// What lives on this thread, or null.
  static DirectGradients* current();

  /// A weight is used by the forward pass; its gradient will be written.
  void expect(const at::Tensor& weight);
  /// Whether the content of this gradient is old and will be replaced, so need not be cleared.
  bool replaces(const at::Tensor& parameter) const;
  /// All other gradients have been cleared: a weight expected only from now on has one that counts.
  void others_cleared() { cleared_ = true; }

  /// gradient of weight (m, n) = or += left (k, m)^T right (k, n)
  void add_product(const at::Tensor& weight, const at::Tensor& left, const at::Tensor& right);

  /// Clears the gradients that no backward has reached.
  void finish();

 private:
  DirectGradients* former_;
  bool cleared_ = false;
  std::vector<at::Tensor> old_;  ///< weights whose gradient is still that of the last step
};

/// y = x W^T + b. @param x (…, in), weight (out, in), bias (out)   @return (…, out)
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace trunkline
