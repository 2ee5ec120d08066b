#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "support/thread_world.hpp"
#include "trunkline/exchange/flat_storage.hpp"
#include "trunkline/exchange/gradient_norm.hpp"
#include "trunkline/exchange/record_exchange.hpp"
#include "trunkline/exchange/reducer.hpp"

namespace trunkline {
namespace {

FlatStorage two_tensors() {
  return {{{"a", {3, 2}}, {"b", {5}}}, at::zeros({32}), at::zeros({32})};
}

TEST(FlatStorage, PlacesEntriesOn64ByteBorders) {
  const FlatStorage storage = two_tensors();
  EXPECT_EQ(storage.entries()[1].begin, 16);
  EXPECT_EQ(storage.values().numel(), 32);
}

TEST(FlatStorage, BackwardAddsInPlaceAndZeroingKeepsTheViews) {
  FlatStorage storage = two_tensors();
  for (int i = 0; i < 2; ++i) torch::autograd::backward({storage.parameters()[1].sum()}, {});
  const float* gradient = storage.gradients().const_data_ptr<float>();
  EXPECT_EQ(gradient[16], 2.0f);
  EXPECT_EQ(gradient[0], 0.0f);
  storage.zero_gradients();
  torch::autograd::backward({storage.parameters()[0].sum()}, {});
  EXPECT_EQ(gradient[0], 1.0f);
  EXPECT_EQ(gradient[16], 0.0f);
}

TEST(FlatStorage, ClearsAroundWhatIsKept) {
  FlatStorage storage = two_tensors();
  at::Tensor(storage.gradients()).fill_(1.0);
  storage.zero_gradients([&](const at::Tensor& p) { return p.is_same(storage.parameters()[0]); });
  const FlatEntry& kept = storage.entries()[0];
  EXPECT_EQ(storage.gradients().sum().item<double>(), static_cast<double>(kept.elements()));
  EXPECT_TRUE(storage.parameters()[0].grad().eq(1.0).all().item<bool>());
}

TEST(GradientNorm, AddsSquaresInFloat64AndShowsWhatIsNotFinite) {
  const at::Tensor flat = at::full({1000003}, 0.1, at::kDouble);
  EXPECT_NEAR(squared_norm(flat, 3, 1000003), 1e4, 1e-7);
  flat.data_ptr<double>()[7] = NAN;
  EXPECT_TRUE(std::isnan(squared_norm(flat, 0, 10)));
  EXPECT_TRUE(std::isfinite(squared_norm(flat, 8, 10)));
}

TEST(GradientNorm, ClipsAsTorchDoes) {
  EXPECT_DOUBLE_EQ(clip_factor(25.0, 1.0), 1.0 / (5.0 + 1e-6));
  EXPECT_EQ(clip_factor(0.25, 1.0), 1.0);
  EXPECT_EQ(clip_factor(25.0, 0.0), 1.0);
}

TEST(Reducer, SumsTheTrunkOverTheWorldAndHeadsOverTheirHolders) {
  const Plan plan = make_plan({{0, 1}, {1, 2}, {2}}, {0, 0, 0}, 3);
  run_ranks(3, [&](Communicator& world) {
    CommQueue queue;
    Reducer reducer(world, queue, plan);
    std::vector<at::Tensor> sums;
    for (int i = 0; i < 4; ++i) sums.push_back(at::full({4}, world.rank() + 1.0, at::kDouble));
    reducer.sum_world(sums[0]);
    for (std::size_t set = 0; set < 3; ++set) reducer.sum_parts(set, sums[set + 1]);
    reducer.wait();
    const std::vector<std::vector<double>> expected = {{6, 3, 1, 1}, {6, 3, 5, 2}, {6, 3, 5, 3}};
    for (int i = 0; i < 4; ++i) {
      const bool holds = i == 0 || plan.holds(world.rank(), static_cast<std::size_t>(i - 1));
      EXPECT_EQ(sums[i][0].item<double>(), holds ? expected[world.rank()][i] : world.rank() + 1.0)
          << i;
    }
  });
}

TEST(RecordExchange, SumsInRankOrderAndCarriesFlagsAndHashes) {
  run_ranks(3, [](Communicator& world) {
    CommQueue queue;
    RankRecord mine{{1.0 + world.rank(), 0.5}, 2.0,   {3.0, 0.0},
                    world.rank() == 1,         false, ~uint64_t{0}};
    const StepRecord sum = gather_record(mine, world, queue);
    EXPECT_EQ(sum.loss_sums, (std::vector<double>{6.0, 1.5}));
    EXPECT_EQ(sum.squared_norm(), 15.0);
    EXPECT_TRUE(sum.stop);
    EXPECT_FALSE(sum.save);
    EXPECT_TRUE(sum.finite() && sum.replicas_agree());
    mine.parameter_hash = static_cast<uint64_t>(world.rank());
    mine.loss_sums[1] = NAN;
    const StepRecord bad = gather_record(mine, world, queue);
    EXPECT_FALSE(bad.replicas_agree());
    EXPECT_EQ(bad.first_nonfinite_part(), 1u);
  });
}

}  // namespace
}  // namespace trunkline
