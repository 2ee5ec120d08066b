// L2-SP (Li et al. 2018): weight decay towards the values that a slice began with.
#include <gtest/gtest.h>

#include <algorithm>

#include "optim/slices.hpp"
#include "trunkline/core/tensor.hpp"

namespace trunkline {
namespace {

constexpr double kLr = 0.1, kPull = 0.3;

Slice pulled_slice() {
  Slice slice = whole_slice("trunk", tensor_of({1.0, -2.0, 3.0}, at::kDouble));
  slice.entries[0].decay = false;
  slice.pull = kPull;
  return slice;
}

void steps(Optimizer& optimizer, Slice& slice, int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    fill_gradient(slice, k);
    optimizer.step(kLr, 1.0, {true});
  }
}

std::vector<double> values(const at::Tensor& tensor) {
  const double* first = tensor.const_data_ptr<double>();
  return {first, first + tensor.numel()};
}

TEST(L2Sp, AddsThePullToTheGradientOfSgd) {
  Slice slice = pulled_slice();
  const std::vector<double> start = values(slice.parameters);
  const auto optimizer = make_optimizer({.kind = "sgd"}, {slice});
  steps(*optimizer, slice, 2);
  for (std::size_t i = 0; i < start.size(); ++i) {
    const auto gradient = [&](double k) { return std::sin(1.7 * static_cast<double>(i) + k); };
    const double once = start[i] - kLr * gradient(0);
    const double twice = once - kLr * (gradient(1) + kPull * (once - start[i]));
    EXPECT_NEAR(values(slice.parameters)[i], twice, 1e-15);
  }
}

TEST(L2Sp, MovesParametersOfAdamwBesideTheGradient) {
  Slice plain = whole_slice("trunk", tensor_of({1.0, -2.0, 3.0}, at::kDouble));
  plain.entries[0].decay = false;
  Slice pulled = pulled_slice();
  const auto one = make_optimizer({.kind = "adamw"}, {plain});
  const auto other = make_optimizer({.kind = "adamw"}, {pulled});
  steps(*one, plain, 2);
  steps(*other, pulled, 2);
  Slice once = whole_slice("trunk", tensor_of({1.0, -2.0, 3.0}, at::kDouble));
  once.entries[0].decay = false;
  steps(*make_optimizer({.kind = "adamw"}, {once}), once, 1);
  const std::vector<double> start = {1.0, -2.0, 3.0}, first = values(once.parameters);
  for (std::size_t i = 0; i < start.size(); ++i)
    EXPECT_NEAR(values(pulled.parameters)[i],
                values(plain.parameters)[i] - kLr * kPull * (first[i] - start[i]), 1e-15);
}

TEST(L2Sp, KeepsTheStartInTheStateForARunThatGoesOn) {
  Slice whole = pulled_slice(), first = pulled_slice(), second = pulled_slice();
  const auto uninterrupted = make_optimizer({.kind = "adamw"}, {whole});
  steps(*uninterrupted, whole, 3);

  const auto before = make_optimizer({.kind = "adamw"}, {first});
  steps(*before, first, 2);
  const auto after = make_optimizer({.kind = "adamw"}, {second});
  second.parameters.copy_(first.parameters);
  const State saved = before->state(), restored = after->state();
  ASSERT_EQ(saved.tensors.back().name, "trunk.weight.start");
  for (std::size_t i = 0; i < saved.tensors.size(); ++i)
    std::ranges::copy(saved.tensors[i].bytes, restored.tensors[i].bytes.begin());
  after->restored();
  fill_gradient(second, 2);
  after->step(kLr, 1.0, {true});
  EXPECT_EQ(values(second.parameters), values(whole.parameters));
}

TEST(L2Sp, HasItsPlaceInTheLayout) {
  const Slice slice = pulled_slice();
  const OptimizerOptions options = {.kind = "sgd"};
  const auto layout = optimizer_state_layout(options, "trunk", slice.entries, DType::kF64, true);
  ASSERT_EQ(layout.size(), 2u);
  EXPECT_EQ(layout[1].name, "trunk.weight.start");
  EXPECT_EQ(make_optimizer(options, {slice})->state().tensors[1].name, layout[1].name);
}

}  // namespace
}  // namespace trunkline
