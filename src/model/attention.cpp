#include "trunkline/model/attention.hpp"

#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include <cmath>

namespace trunkline {
namespace {

// Its exponential is exactly 0 beside any real score, and yet it is a number: a row without tokens
// stays finite, and so do its gradients.
constexpr double kNever = -1e9;

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& mask) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(-1)));
  at::Tensor scores = at::matmul(q.mul(scale), k.transpose(-2, -1));
  if (mask.defined())
    scores = scores.masked_fill(mask.logical_not().unsqueeze(1).unsqueeze(1), kNever);
  return at::matmul(at::softmax(scores, -1), v);
}

void SelfAttention::declare(std::vector<ParameterSpec>& specs) {
  in = {name + ".in", width, 3 * width};
  out = {name + ".out", width, width};
  in.declare(specs);
  out.declare(specs);
}

at::Tensor SelfAttention::forward(Parameters parameters, const at::Tensor& x,
                                  const at::Tensor& mask) const {
  return out.forward(parameters, read(in.forward(parameters, x), mask));
}

at::Tensor SelfAttention::read(const at::Tensor& asked, const at::Tensor& mask) const {
  const at::Tensor all = asked.unflatten(-1, {3, heads, width / heads}).permute({2, 0, 3, 1, 4});
  return attend(all.select(0, 0), all.select(0, 1), all.select(0, 2), mask)
      .transpose(1, 2)
      .flatten(2);
}

}  // namespace trunkline
