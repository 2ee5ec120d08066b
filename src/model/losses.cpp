#include "trunkline/model/losses.hpp"

#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/l1_loss.h>
#include <ATen/ops/mse_loss.h>

namespace trunkline {
namespace {

at::Tensor weighted_sum(const at::Tensor& loss, const Target& target) {
  return loss.mul(element_weight(target).to(loss.scalar_type())).sum();
}

}  // namespace

at::Tensor element_weight(const Target& target) {
  const at::Tensor weight = target.valid.dim() == 1 ? target.weight : target.weight.unsqueeze(1);
  return target.valid.to(c10::kDouble).mul(weight);
}

Task::Count count_elements(const Target& target) {
  return {static_cast<double>(target.valid.sum().item<int64_t>()),
          element_weight(target).sum().item<double>()};
}

at::Tensor cross_entropy_sum(const at::Tensor& output, const Target& target) {
  return weighted_sum(at::cross_entropy_loss(output, target.values, {}, at::Reduction::None),
                      target);
}

at::Tensor binary_cross_entropy_sum(const at::Tensor& output, const Target& target) {
  const at::Tensor labels = target.values.to(output.scalar_type());
  return weighted_sum(
      at::binary_cross_entropy_with_logits(output, labels, {}, {}, at::Reduction::None), target);
}

at::Tensor squared_error_sum(const at::Tensor& output, const Target& target) {
  const at::Tensor labels = target.values.to(output.scalar_type());
  return weighted_sum(at::mse_loss(output, labels, at::Reduction::None), target);
}

at::Tensor absolute_error_sum(const at::Tensor& output, const Target& target) {
  const at::Tensor labels = target.values.to(output.scalar_type());
  return weighted_sum(at::l1_loss(output, labels, at::Reduction::None), target);
}

}  // namespace trunkline
