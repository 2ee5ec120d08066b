#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <limits>

#include "trunkline/model/layers.hpp"

namespace trunkline {
namespace {

struct Pooled {
  at::Tensor output, gradient;
};

template <class Pool>
Pooled pooled(const Pool& pool, at::Tensor x, const at::Tensor& weights) {
  x = x.detach().clone().set_requires_grad(true);
  const at::Tensor y = pool(x);
  torch::autograd::backward({y.mul(weights).sum()}, {});
  return {y.detach(), x.grad()};
}

// The same numbers, and the same gradients, as PyTorch's own.
void expect_as_torch(const at::Tensor& x) {
  const at::Tensor weights = at::randn({x.size(2) / 2, x.size(3) / 2}, x.options());
  const Pooled ours = pooled([](const at::Tensor& t) { return max_pool(t, 2); }, x, weights);
  const Pooled theirs =
      pooled([](const at::Tensor& t) { return at::max_pool2d(t, 2); }, x, weights);
  EXPECT_TRUE(ours.output.equal(theirs.output));
  EXPECT_TRUE(ours.gradient.equal(theirs.gradient));
}

TEST(MaxPool, IsThatOfTorch) {
  expect_as_torch(at::randn({3, 2, 8, 6}));
  expect_as_torch(at::randn({3, 2, 8, 6}, at::kDouble));
}

TEST(MaxPool, LeavesOutAnOddLastRowAndColumn) { expect_as_torch(at::randn({2, 3, 7, 5})); }

TEST(MaxPool, GivesTheGradientToTheFirstOfEqualPixels) {
  expect_as_torch(at::randint(0, 2, {4, 3, 12, 12}).to(at::kFloat));
}

TEST(MaxPool, TakesMapsThatLieOtherwise) {
  expect_as_torch(at::randn({2, 6, 8, 3}).permute({0, 3, 1, 2}));
}

TEST(MaxPool, ShowsWhatIsNotANumber) {
  at::Tensor x = at::randn({1, 1, 2, 8});
  for (int64_t i = 0; i < 4; ++i)
    x[0][0][i / 2][2 * i + i % 2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(max_pool(x, 2).isnan().all().item<bool>());
}

TEST(MaxPool, TakesNoRows) { EXPECT_EQ(max_pool(at::randn({0, 3, 8, 8}), 2).size(2), 4); }

}  // namespace
}  // namespace trunkline
