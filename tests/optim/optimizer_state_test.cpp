// State of optimizers: names, layout, and resuming bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "optim/slices.hpp"
#include "trunkline/optim/optimizer.hpp"

namespace trunkline {
namespace {

using Saved = std::map<std::string, std::vector<std::byte>>;

Saved save(Optimizer& optimizer) {
  Saved saved;
  for (const NamedView& view : optimizer.state().tensors)
    saved[view.name].assign(view.bytes.begin(), view.bytes.end());
  return saved;
}

void restore(Optimizer& optimizer, const Saved& saved) {
  for (const NamedView& view : optimizer.state().tensors)
    std::ranges::copy(saved.at(view.name), view.bytes.begin());
}

std::vector<std::byte> bits(const at::Tensor& tensor) {
  const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
  return {data, data + tensor.nbytes()};
}

std::vector<std::string> names(const std::vector<NamedView>& views) {
  std::vector<std::string> result;
  for (const NamedView& view : views) result.push_back(view.name);
  return result;
}

TEST(OptimizerState, NamesMomentsByEntryAndStepsBySlice) {
  const auto adam = make_optimizer({.kind = "adam"}, {padded_trunk(at::kFloat)});
  EXPECT_EQ(
      names(adam->state().tensors),
      (std::vector<std::string>{"trunk.step", "trunk.a.weight.exp_avg", "trunk.a.weight.exp_avg_sq",
                                "trunk.a.bias.exp_avg", "trunk.a.bias.exp_avg_sq",
                                "trunk.b.weight.exp_avg", "trunk.b.weight.exp_avg_sq"}));
}

TEST(OptimizerState, SgdKeepsABufferOnlyWithMomentum) {
  const Slice slice = whole_slice("trunk", tensor_of({1, 2}, at::kFloat));
  EXPECT_EQ(names(make_optimizer({.kind = "sgd"}, {slice})->state().tensors),
            (std::vector<std::string>{"trunk.step"}));
  EXPECT_EQ(names(make_optimizer({.kind = "sgd", .momentum = 0.9}, {slice})->state().tensors),
            (std::vector<std::string>{"trunk.step", "trunk.weight.momentum_buffer"}));
}

TEST(OptimizerState, IsZeroBeforeTheFirstStep) {
  const auto optimizer =
      make_optimizer({.kind = "sgd", .momentum = 0.9}, {padded_trunk(at::kDouble)});
  for (const NamedView& view : optimizer->state().tensors)
    EXPECT_TRUE(std::ranges::all_of(view.bytes, [](std::byte b) { return b == std::byte{0}; }))
        << view.name;
}

TEST(OptimizerState, LayoutMatchesStateWithoutTheSlice) {
  for (const char* kind : {"sgd", "adam", "adamw"}) {
    const OptimizerOptions options = {.kind = kind, .momentum = 0.9};
    const Slice slice = padded_trunk(at::kDouble);
    const State state = make_optimizer(options, {slice})->state();
    const auto layout = optimizer_state_layout(options, "trunk", slice.entries, DType::kF64);
    ASSERT_EQ(names(layout), names(state.tensors));
    for (std::size_t i = 0; i < layout.size(); ++i) {
      EXPECT_EQ(layout[i].shape, state.tensors[i].shape);
      EXPECT_EQ(layout[i].dtype, state.tensors[i].dtype);
      EXPECT_TRUE(layout[i].bytes.empty());
    }
  }
}

TEST(OptimizerState, ViewsHoldAsManyBytesAsTheirShapesSay) {
  const auto optimizer = make_optimizer({}, {padded_trunk(at::kFloat)});
  for (const NamedView& view : optimizer->state().tensors) {
    std::size_t elements = 1;
    for (const int64_t n : view.shape) elements *= static_cast<std::size_t>(n);
    EXPECT_EQ(view.bytes.size(), elements * size_of(view.dtype)) << view.name;
  }
}

/// Two slices, of which the second stands still on odd steps.
struct Training {
  Training(const OptimizerOptions& options, c10::ScalarType type)
      : slices{padded_trunk(type), whole_slice("heads.shape", tensor_of({1, -2, 3}, type))},
        optimizer(make_optimizer(options, slices)) {}

  void steps(int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      for (Slice& slice : slices) fill_gradient(slice, k);
      optimizer->step(0.1, k % 3 == 0 ? 0.7 : 1.0, {true, k % 2 == 0});
    }
  }

  std::vector<Slice> slices;
  std::unique_ptr<Optimizer> optimizer;
};

class Resume : public testing::TestWithParam<OptimizerOptions> {};

TEST_P(Resume, EqualsTheUninterruptedRunBitForBitFromEveryStep) {
  for (const c10::ScalarType type : {at::kFloat, at::kDouble}) {
    Training whole(GetParam(), type);
    whole.steps(0, 6);
    for (int64_t stop = 0; stop < 6; ++stop) {
      Training first(GetParam(), type), second(GetParam(), type);
      first.steps(0, stop);
      for (std::size_t i = 0; i < 2; ++i)
        second.slices[i].parameters.copy_(first.slices[i].parameters);
      restore(*second.optimizer, save(*first.optimizer));
      second.steps(stop, 6);
      for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(bits(second.slices[i].parameters), bits(whole.slices[i].parameters)) << stop;
      EXPECT_EQ(save(*second.optimizer), save(*whole.optimizer)) << stop;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Resume,
    testing::Values(OptimizerOptions{.kind = "sgd", .weight_decay = 0.1},
                    OptimizerOptions{.kind = "sgd", .momentum = 0.9, .dampening = 0.5},
                    OptimizerOptions{.kind = "sgd", .momentum = 0.9, .nesterov = true},
                    OptimizerOptions{.kind = "adam", .weight_decay = 0.1},
                    OptimizerOptions{.kind = "adamw"}),
    [](const auto& test) { return testing::PrintToString(test.param); });

}  // namespace
}  // namespace trunkline
