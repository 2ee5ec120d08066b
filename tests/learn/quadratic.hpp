// Tasks whose meta-gradients are known in closed form: l(theta) = (theta - c)^T A (theta - c) / 2.
#pragma once

#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_matrix_power.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>

#include "trunkline/learn/inner_loop.hpp"

namespace trunkline::test {

struct Quadratic {
  at::Tensor a, c;  ///< (d, d) symmetric, (d)

  at::Tensor loss(const at::Tensor& theta) const {
    const at::Tensor x = theta.sub(c);
    return x.dot(a.matmul(x)).mul(0.5);
  }
  at::Tensor gradient(const at::Tensor& theta) const { return a.matmul(theta.sub(c)); }
  /// (I - rate * A)^k
  at::Tensor contraction(double rate, int64_t k) const {
    return at::linalg_matrix_power(at::eye(a.size(0), a.options()).sub(a, rate), k);
  }
  /// The same loss for support and query.
  EpisodeLosses losses() const {
    const auto at = [*this](const Tensors& theta) { return loss(theta.front()); };
    return {[at](const Tensors& theta, int64_t) { return at(theta); }, at};
  }
};

inline at::Tensor vector_of(const std::vector<double>& values) {
  return at::tensor(values, c10::TensorOptions(c10::kDouble));
}

inline std::vector<Quadratic> quadratics() {
  return {{vector_of({2.0, 0.3, -0.1, 0.3, 1.0, 0.2, -0.1, 0.2, 0.7}).view({3, 3}),
           vector_of({1.0, -2.0, 0.5})},
          {vector_of({0.4, -0.2, 0.0, -0.2, 1.5, 0.1, 0.0, 0.1, 3.0}).view({3, 3}),
           vector_of({-0.7, 0.1, 4.0})}};
}

inline at::Tensor start_point() {
  at::Tensor theta = vector_of({0.3, -1.1, 2.0});
  theta.set_requires_grad(true);
  return theta;
}

}  // namespace trunkline::test
