// Meta-gradients against closed forms (METHODS: quadratic tasks) and finite differences.
#include "trunkline/learn/inner_loop.hpp"

#include <ATen/ops/tanh.h>
#include <gtest/gtest.h>

#include "learn/quadratic.hpp"

namespace trunkline::test {
namespace {

constexpr double kRate = 0.2;

double distance(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).abs().max().item<double>();
}

class QuadraticTasks : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(InnerSteps, QuadraticTasks, testing::Values(1, 2, 5));

TEST_P(QuadraticTasks, HaveTheMetaGradientOfMaml) {
  const at::Tensor theta = start_point();
  const InnerLoop loop{GetParam(), kRate, true};
  for (const Quadratic& task : quadratics()) {
    const at::Tensor b = task.contraction(kRate, GetParam());
    const at::Tensor expected = b.matmul(task.a).matmul(b).matmul(theta.detach().sub(task.c));
    const Tensors found = query_gradient({theta}, {theta}, task.losses(), loop).gradient;
    EXPECT_LT(distance(found.front(), expected), 1e-12);
  }
}

TEST_P(QuadraticTasks, HaveTheMetaGradientOfFomaml) {
  const at::Tensor theta = start_point();
  const InnerLoop loop{GetParam(), kRate, false};
  for (const Quadratic& task : quadratics()) {
    const at::Tensor b = task.contraction(kRate, GetParam());
    const at::Tensor expected = task.a.matmul(b).matmul(theta.detach().sub(task.c));
    const Tensors found = query_gradient({theta}, {theta}, task.losses(), loop).gradient;
    EXPECT_LT(distance(found.front(), expected), 1e-12);
  }
}

TEST_P(QuadraticTasks, HaveTheDirectionOfReptile) {
  const at::Tensor theta = start_point();
  const InnerLoop loop{GetParam(), kRate, false};
  for (const Quadratic& task : quadratics()) {
    const at::Tensor away = theta.detach().sub(task.c);
    const at::Tensor expected = away.sub(task.contraction(kRate, GetParam()).matmul(away));
    const EpisodeGradient found = reptile_gradient({theta}, task.losses(), loop);
    EXPECT_LT(distance(found.gradient.front(), expected), 1e-12);
  }
}

TEST(InnerLoop, OfRateZeroLeavesTheGradientOfTheQuery) {
  const at::Tensor theta = start_point();
  for (const bool second_order : {true, false})
    for (const Quadratic& task : quadratics()) {
      const EpisodeGradient found =
          query_gradient({theta}, {theta}, task.losses(), {3, 0.0, second_order});
      EXPECT_LT(distance(found.gradient.front(), task.gradient(theta.detach())), 1e-14);
      EXPECT_DOUBLE_EQ(found.loss, task.loss(theta).item<double>());
    }
}

TEST(InnerLoop, WritesNeitherParametersNorTheirGradients) {
  const at::Tensor theta = start_point(), before = theta.detach().clone();
  for (const bool second_order : {true, false})
    query_gradient({theta}, {theta}, quadratics()[0].losses(), {2, kRate, second_order});
  reptile_gradient({theta}, quadratics()[0].losses(), {2, kRate, false});
  EXPECT_TRUE(theta.equal(before));
  EXPECT_FALSE(theta.grad().defined());
}

/// A head h on features tanh(w x): support and query differ, and the query's loss depends on w
/// through the inner loop too.
struct TwoParts {
  at::Tensor w = start_point(), h = start_point();
  at::Tensor x = vector_of({0.4, -0.9, 0.2}), y = vector_of({-0.3, 0.8, 1.5});

  EpisodeLosses losses() const {
    const at::Tensor support = at::tanh(w.mul(x)), query = at::tanh(w.mul(y));
    return {[support](const Tensors& head, int64_t) {
              return support.dot(head.front()).sub(1.0).square();
            },
            [query](const Tensors& head) { return query.dot(head.front()).add(0.5).square(); }};
  }
};

// Raghu et al. 2020: the inner loop moves the head alone, the gradient moves both.
TEST(InnerLoop, OfTheHeadAloneHasAGradientForAllThatMoves) {
  TwoParts parts;
  const InnerLoop loop{3, kRate, true};
  const Tensors found =
      query_gradient({parts.w, parts.h}, {parts.h}, parts.losses(), loop).gradient;
  for (at::Tensor* moved : {&parts.w, &parts.h})
    for (int64_t i = 0; i < 3; ++i) {
      constexpr double kStep = 1e-5;
      double values[2];
      for (const int side : {0, 1}) {
        const at::Tensor kept = *moved;
        at::Tensor shifted = kept.detach().clone();
        shifted.data_ptr<double>()[i] += side == 1 ? kStep : -kStep;
        *moved = shifted.set_requires_grad(true);
        values[side] = query_gradient({parts.w, parts.h}, {parts.h}, parts.losses(), loop).loss;
        *moved = kept;
      }
      const double difference = (values[1] - values[0]) / (2 * kStep);
      const at::Tensor& gradient = found[moved == &parts.w ? 0 : 1];
      EXPECT_NEAR(gradient.data_ptr<double>()[i], difference, 1e-6);
    }
}

TEST(InnerLoop, OfFirstOrderTakesItsGradientsForConstants) {
  TwoParts parts;
  const InnerLoop loop{3, kRate, false};
  const Tensors end = descend({parts.h}, parts.losses().support, loop);
  const Tensors found =
      query_gradient({parts.w, parts.h}, {parts.h}, parts.losses(), loop).gradient;
  const at::Tensor query = at::tanh(parts.w.mul(parts.y));
  const at::Tensor outer = query.dot(end.front()).add(0.5).mul(2);
  EXPECT_LT(distance(found[1], outer.mul(query)), 1e-12);
}

}  // namespace
}  // namespace trunkline::test
