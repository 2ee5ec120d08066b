#include "trunkline/model/losses.hpp"

#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/huber_loss.h>
#include <ATen/ops/l1_loss.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/mse_loss.h>

#include <cmath>

#include "trunkline/model/scaling.hpp"

namespace trunkline {
namespace {

constexpr double kVarianceFloor = 1e-6;

// Far below any 1 - p that rounding leaves; its powers have finite derivatives, those of 0 have
// not.
constexpr double kSmallest = 1e-30;

}  // namespace

at::Tensor element_weight(const Target& target) {
  const at::Tensor weight = target.valid.dim() == 1 ? target.weight : target.weight.unsqueeze(1);
  return target.valid.to(c10::kDouble).mul(weight);
}

Task::Count count_elements(const Target& target) {
  return {static_cast<double>(target.valid.sum().item<int64_t>()),
          element_weight(target).sum().item<double>()};
}

Target by_element(const Target& target) {
  const at::Tensor weight = target.weight.unsqueeze(1).expand(target.values.sizes());
  return {target.values.flatten(), target.valid.flatten(), weight.flatten()};
}

at::Tensor weighted_sum(const at::Tensor& loss, const Target& target) {
  return loss.mul(element_weight(target).to(loss.scalar_type())).sum();
}

at::Tensor binary_cross_entropy_sum(const at::Tensor& output, const Target& target,
                                    const at::Tensor& positive_factors) {
  const at::Tensor labels = target.values.to(output.scalar_type());
  std::optional<at::Tensor> factors;
  if (positive_factors.defined()) factors = positive_factors.to(output.scalar_type());
  return weighted_sum(
      at::binary_cross_entropy_with_logits(output, labels, {}, factors, at::Reduction::None),
      target);
}

at::Tensor focal_loss(const at::Tensor& output, const at::Tensor& labels, double gamma) {
  const at::Tensor log_p = at::log_softmax(output, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
  const at::Tensor miss = log_p.expm1().neg();  // 1 - p without cancellation
  return miss.clamp_min(kSmallest).pow(gamma).mul(log_p.neg());
}

at::Tensor squared_error(const at::Tensor& output, const at::Tensor& labels) {
  return at::mse_loss(output, labels, at::Reduction::None);
}

at::Tensor absolute_error(const at::Tensor& output, const at::Tensor& labels) {
  return at::l1_loss(output, labels, at::Reduction::None);
}

at::Tensor huber_error(const at::Tensor& output, const at::Tensor& labels, double delta) {
  return at::huber_loss(output, labels, at::Reduction::None, delta);
}

at::Tensor quantile_error(const at::Tensor& output, const at::Tensor& labels,
                          const std::vector<double>& levels) {
  const at::Tensor error = labels.unsqueeze(2).sub(output);
  const at::Tensor q = broadcast_along(levels, error, 2);
  return at::maximum(error.mul(q), error.mul(q.sub(1))).mean(2);
}

at::Tensor floor_log_variance(const at::Tensor& log_variance) {
  return log_variance.clamp_min(std::log(kVarianceFloor));
}

at::Tensor gaussian_error(const at::Tensor& mean, const at::Tensor& log_variance,
                          const at::Tensor& labels) {
  const at::Tensor lift = floor_log_variance(log_variance).sub(log_variance).detach();
  const at::Tensor floored = log_variance.add(lift);
  const at::Tensor squared = labels.sub(mean).square();
  return floored.add(squared.mul(floored.neg().exp())).mul(0.5);
}

}  // namespace trunkline
