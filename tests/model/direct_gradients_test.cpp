#include "trunkline/model/direct_gradients.hpp"

#include <ATen/ops/full_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "trunkline/model/autocast.hpp"

namespace trunkline {
namespace {

// A layer of three outputs whose gradients hold something old.
class DirectGradientsTest : public testing::Test {
 protected:
  DirectGradientsTest() {
    for (at::Tensor* leaf : {&weight_, &bias_}) {
      leaf->set_requires_grad(true);
      leaf->mutable_grad() = at::full_like(*leaf, 7.0).detach();
    }
  }

  at::Tensor loss(const at::Tensor& x) const { return linear(x, weight_, bias_).square().sum(); }
  void clear() {
    for (const at::Tensor* leaf : {&weight_, &bias_}) leaf->grad().zero_();
  }

  // What autograd's own accumulation gives.
  at::Tensor expected(const std::vector<at::Tensor>& inputs) {
    clear();
    for (const at::Tensor& x : inputs) torch::autograd::backward({loss(x)}, {});
    const at::Tensor gradient = weight_.grad().clone();
    weight_.grad().fill_(7.0);
    bias_.grad().zero_();
    return gradient;
  }

  at::Tensor weight_ = at::rand({3, 4}, at::kDouble), bias_ = at::rand({3}, at::kDouble);
  at::Tensor x_ = at::rand({5, 4}, at::kDouble), y_ = at::rand({2, 4}, at::kDouble);
};

TEST_F(DirectGradientsTest, ReplaceWhatIsOldWithTheBitsOfAutograd) {
  const at::Tensor gradient = expected({x_});
  const at::Tensor bias_gradient = [&] {
    torch::autograd::backward({loss(x_)}, {});
    return bias_.grad().clone();
  }();
  weight_.grad().fill_(7.0);
  bias_.grad().zero_();
  DirectGradients direct;
  const at::Tensor loss = this->loss(x_);
  EXPECT_TRUE(direct.replaces(weight_));
  torch::autograd::backward({loss}, {});
  EXPECT_FALSE(direct.replaces(weight_));
  EXPECT_TRUE(weight_.grad().equal(gradient));
  EXPECT_TRUE(bias_.grad().equal(bias_gradient));
}

TEST_F(DirectGradientsTest, AddWhereAWeightIsUsedTwice) {
  const at::Tensor gradient = expected({x_, y_});
  DirectGradients direct;
  torch::autograd::backward({loss(x_).add(loss(y_))}, {});
  EXPECT_TRUE(weight_.grad().allclose(gradient, 1e-14));
}

TEST_F(DirectGradientsTest, AddInALaterBackward) {
  const at::Tensor gradient = expected({x_, y_});
  DirectGradients direct;
  torch::autograd::backward({loss(x_)}, {});
  direct.others_cleared();
  torch::autograd::backward({loss(y_)}, {});
  EXPECT_TRUE(weight_.grad().allclose(gradient, 1e-14));
}

TEST_F(DirectGradientsTest, KeepWhatOthersHaveCleared) {
  const at::Tensor gradient = expected({x_});
  DirectGradients direct;
  clear();
  direct.others_cleared();
  torch::autograd::backward({loss(x_)}, {});
  EXPECT_TRUE(weight_.grad().allclose(gradient, 1e-14));
}

TEST_F(DirectGradientsTest, ClearWhatNoBackwardReached) {
  DirectGradients direct;
  loss(x_);
  direct.finish();
  EXPECT_EQ(weight_.grad().abs().sum().item<double>(), 0.0);
}

TEST_F(DirectGradientsTest, PassGradientsThroughToInputsOfAnyShape) {
  at::Tensor x = at::rand({2, 5, 4}, at::kDouble);
  x.set_requires_grad(true);
  clear();
  torch::autograd::backward({loss(x)}, {});
  const at::Tensor of_input = x.grad().clone(), of_weight = weight_.grad().clone();
  x.mutable_grad() = at::Tensor();
  clear();
  DirectGradients direct;
  torch::autograd::backward({loss(x)}, {});
  EXPECT_TRUE(x.grad().allclose(of_input, 1e-14));
  EXPECT_TRUE(weight_.grad().allclose(of_weight, 1e-14));
}

TEST_F(DirectGradientsTest, LeaveOthersAlone) {
  const at::Tensor frozen = at::rand({3, 4}, at::kDouble);
  DirectGradients direct;
  linear(x_, frozen, bias_);
  EXPECT_FALSE(direct.replaces(frozen));
  {
    const Autocast autocast(true, c10::kCPU);
    linear(x_, weight_, bias_);
  }
  EXPECT_FALSE(direct.replaces(weight_));
  EXPECT_EQ(DirectGradients::current(), &direct);
}

TEST_F(DirectGradientsTest, EndWithTheirScope) {
  { const DirectGradients direct; }
  EXPECT_EQ(DirectGradients::current(), nullptr);
}

}  // namespace
}  // namespace trunkline
