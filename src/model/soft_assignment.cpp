#include "trunkline/model/soft_assignment.hpp"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/xlogy.h>

namespace trunkline {
namespace {

constexpr double kSmallestMass = 1e-30;

}  // namespace

at::Tensor log_soft_assignment(const at::Tensor& z, const at::Tensor& centres) {
  const at::Tensor distance = z.unsqueeze(1).sub(centres).square().sum(2);
  return at::log_softmax(distance.log1p().neg(), 1);
}

at::Tensor target_distribution(const at::Tensor& log_q, const at::Tensor& mass) {
  const at::Tensor f = mass.detach();
  const at::Tensor share = log_q.detach().mul(2).exp().div(f.clamp_min(kSmallestMass));
  const at::Tensor started = f.gt(0).any().to(log_q.scalar_type());
  return share.div(share.sum(1, /*keepdim=*/true)).mul(started);
}

at::Tensor divergence(const at::Tensor& p, const at::Tensor& log_q) {
  return at::xlogy(p, p).sub(p.mul(log_q)).sum(1);
}

}  // namespace trunkline
