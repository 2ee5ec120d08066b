// What optimizers promise beyond their formulas: standing still, decay by entry, padding, counters.
#include "trunkline/optim/optimizer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "optim/slices.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.nbytes() == b.nbytes() && std::memcmp(a.data_ptr(), b.data_ptr(), a.nbytes()) == 0;
}

int64_t steps_of(const State& state, const std::string& name) {
  int64_t step = -1;
  for (const NamedView& view : state.tensors)
    if (view.name == name) std::memcpy(&step, view.bytes.data(), sizeof step);
  return step;
}

std::vector<std::byte> all_bytes(const State& state) {
  std::vector<std::byte> bytes;
  for (const NamedView& view : state.tensors)
    bytes.insert(bytes.end(), view.bytes.begin(), view.bytes.end());
  return bytes;
}

const std::vector<OptimizerOptions> kAll = {
    {.kind = "sgd", .weight_decay = 0.1},
    {.kind = "sgd", .momentum = 0.9, .dampening = 0.5, .weight_decay = 0.1},
    {.kind = "sgd", .momentum = 0.9, .nesterov = true},
    {.kind = "adam", .weight_decay = 0.1},
    {.kind = "adamw", .weight_decay = 0.1},
};

class EveryOptimizer : public testing::TestWithParam<OptimizerOptions> {};

TEST_P(EveryOptimizer, LeavesInactiveSlicesAsTheyAre) {
  Slice head = padded_trunk(at::kFloat);
  fill_gradient(head, 0);
  const auto optimizer = make_optimizer(GetParam(), {head});
  optimizer->step(0.1, 1.0, {true});
  const at::Tensor parameters = head.parameters.clone(), gradient = head.gradient.clone();
  const std::vector<std::byte> state = all_bytes(optimizer->state());
  optimizer->step(0.1, 0.5, {false});
  EXPECT_TRUE(same_bits(head.parameters, parameters));
  EXPECT_TRUE(same_bits(head.gradient, gradient));
  EXPECT_EQ(all_bytes(optimizer->state()), state);
}

TEST_P(EveryOptimizer, KeepsPaddingZero) {
  Slice trunk = padded_trunk(at::kFloat);
  const auto optimizer = make_optimizer(GetParam(), {trunk});
  for (int k = 0; k < 3; ++k) {
    fill_gradient(trunk, k);
    optimizer->step(0.1, 0.5, {true});
  }
  for (const auto& [begin, end] : {std::pair{6, 16}, std::pair{19, 32}})
    EXPECT_EQ(trunk.parameters.slice(0, begin, end).count_nonzero().item<int64_t>(), 0);
}

// Each entry of a slice moves as it would alone with its own weight decay.
TEST_P(EveryOptimizer, DecaysOnlyEntriesThatAskForIt) {
  Slice trunk = padded_trunk(at::kDouble);
  const auto optimizer = make_optimizer(GetParam(), {trunk});
  for (const SliceEntry& entry : trunk.entries) {
    OptimizerOptions alone_options = GetParam();
    if (!entry.decay) alone_options.weight_decay = 0.0;
    Slice alone =
        whole_slice("alone", padded_trunk(at::kDouble).parameters.slice(0, entry.begin, entry.end));
    const auto alone_optimizer = make_optimizer(alone_options, {alone});
    for (int k = 0; k < 3; ++k) {
      fill_gradient(trunk, k);
      alone.gradient.copy_(trunk.gradient.slice(0, entry.begin, entry.end));
      alone_optimizer->step(0.1, 1.0, {true});
      if (&entry == &trunk.entries.front()) optimizer->step(0.1, 1.0, {true});
    }
    const at::Tensor together = trunk.parameters.slice(0, entry.begin, entry.end);
    EXPECT_LT(together.sub(alone.parameters).abs().max().item<double>(), 1e-15) << entry.name;
  }
}

TEST_P(EveryOptimizer, MultipliesTheLearningRateBySliceRate) {
  Slice fast = padded_trunk(at::kDouble), plain = padded_trunk(at::kDouble);
  fast.rate = 3.0;
  fill_gradient(fast, 0);
  fill_gradient(plain, 0);
  make_optimizer(GetParam(), {fast})->step(0.01, 1.0, {true});
  make_optimizer(GetParam(), {plain})->step(0.01 * 3.0, 1.0, {true});
  EXPECT_TRUE(same_bits(fast.parameters, plain.parameters));
}

TEST_P(EveryOptimizer, AppliesTheGradientFactorBeforeAnythingElse) {
  Slice clipped = padded_trunk(at::kFloat), scaled = padded_trunk(at::kFloat);
  fill_gradient(clipped, 0);
  fill_gradient(scaled, 0);
  scaled.gradient.mul_(0.3);
  make_optimizer(GetParam(), {clipped})->step(0.1, 0.3, {true});
  make_optimizer(GetParam(), {scaled})->step(0.1, 1.0, {true});
  EXPECT_TRUE(same_bits(clipped.parameters, scaled.parameters));
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryOptimizer, testing::ValuesIn(kAll),
                         [](const auto& test) { return testing::PrintToString(test.param); });

TEST(Optimizer, CountsTheStepsOfEachSlice) {
  const Slice trunk = whole_slice("trunk", tensor_of({1, 2}, at::kFloat));
  const Slice head = whole_slice("heads.shape", tensor_of({1, 2}, at::kFloat));
  const auto optimizer = make_optimizer({}, {trunk, head});
  optimizer->step(0.1, 1.0, {true, false});
  optimizer->step(0.1, 1.0, {true, true});
  EXPECT_EQ(steps_of(optimizer->state(), "trunk.step"), 2);
  EXPECT_EQ(steps_of(optimizer->state(), "heads.shape.step"), 1);
}

// The first step of momentum copies the gradient without dampening, whenever it comes.
TEST(Optimizer, StartsTheMomentumOfASliceAtItsOwnFirstStep) {
  const Slice trunk = whole_slice("trunk", tensor_of({0}, at::kDouble));
  const Slice head = whole_slice("heads.shape", tensor_of({0}, at::kDouble));
  const auto optimizer =
      make_optimizer({.kind = "sgd", .momentum = 0.9, .dampening = 0.5}, {trunk, head});
  optimizer->step(1.0, 1.0, {true, false});
  head.gradient.fill_(1.0);
  optimizer->step(1.0, 1.0, {true, true});
  EXPECT_EQ(head.parameters.item<double>(), -1.0);
}

TEST(Optimizer, UsesTheDefaultDecayOfItsKind) {
  for (const auto& [kind, expected] : {std::pair{"sgd", 1.0}, {"adam", 1.0}, {"adamw", 0.999}}) {
    const Slice slice = whole_slice("trunk", tensor_of({1}, at::kDouble));
    make_optimizer({.kind = kind}, {slice})->step(0.1, 1.0, {true});
    EXPECT_DOUBLE_EQ(slice.parameters.item<double>(), expected) << kind;
  }
}

TEST(Optimizer, RefusesAnUnknownKind) {
  EXPECT_THROW(make_optimizer({.kind = "lion"}, {}), UsageError);
}

TEST(Optimizer, RefusesEntriesThatDoNotFitTheirSlice) {
  Slice slice = padded_trunk(at::kFloat);
  slice.entries[1].shape = {4};
  EXPECT_THROW(make_optimizer({}, {slice}), BugError);
  slice = padded_trunk(at::kFloat);
  slice.entries[2].begin = 17;
  slice.entries[2].shape = {31};
  EXPECT_THROW(make_optimizer({}, {slice}), BugError);
}

TEST(Optimizer, RefusesAGradientOfAnotherType) {
  Slice slice = padded_trunk(at::kFloat);
  slice.gradient = slice.gradient.to(at::kDouble);
  EXPECT_THROW(make_optimizer({}, {slice}), BugError);
}

}  // namespace
}  // namespace trunkline
