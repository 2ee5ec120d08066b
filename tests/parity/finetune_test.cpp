// Fine-tuning: what is frozen stays, what is set free moves, alike in every layout.
#include <gtest/gtest.h>

#include <cmath>

#include "parity/family.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 20;
constexpr int64_t kEpoch = 4;  // steps: the longer source has 37 rows in batches of 10

using Overrides = std::vector<std::string>;

/// A way of training on; at least one layer of every kind of part is different from plain training.
struct Way {
  std::string name;
  Overrides overrides;
};

const std::vector<Way>& ways() {
  static const std::vector<Way> all = {
      {"FirstLayerFrozen", {"finetune.freeze=1", "train.optimizer.weight_decay=0.1"}},
      {"TrunkFrozen", {"finetune.freeze=trunk"}},
      {"SetFree", {"finetune={freeze: trunk, unfreeze: {every: 1}, l2_sp: 0.1}"}},
      {"Rates", {"finetune.lr={trunk: 0.1, stems: 0.5, heads: 2}"}},
      {"HeadsFrozen", {"finetune.lr.heads=0"}},
      {"Pulled", {"finetune.l2_sp=0.3", "train.optimizer.weight_decay=0.1"}}};
  return all;
}

const std::vector<Cut>& cuts() {
  static const std::vector<Cut> all = {
      {"Data2", 2},
      {"Data3Overlap", 3, {"comm={overlap: on, bucket_mib: 0.0001}"}},
      {"Task2", 2, {"layout.kind=task"}},
      {"Task4", 4, {"layout.kind=task"}},
      {"Uneven3Accumulate",
       3,
       {"layout.kind=explicit", "layout.tasks={value: [0, 1], other: [1, 2], fresh: [2]}",
        "train.accumulate=2"}}};
  return all;
}

class FinetuneParity : public testing::TestWithParam<Way> {};

void expect_the_same_in_every_layout(const Way& way) {
  const Family family;
  const Weights single = family.child({"single", 1, way.overrides}, kSteps);
  for (Cut cut : cuts()) {
    cut.overrides.insert(cut.overrides.end(), way.overrides.begin(), way.overrides.end());
    EXPECT_LT(largest_difference(family.child(cut, kSteps), single), 1e-10) << cut.name;
  }
}

TEST_P(FinetuneParity, Float64) { expect_the_same_in_every_layout(GetParam()); }

TEST_P(FinetuneParity, IsNotPlainTraining) {
  const Family family;
  EXPECT_GT(largest_difference(family.child({"way", 1, GetParam().overrides}, kSteps),
                               family.child({}, kSteps)),
            1e-6);
}

INSTANTIATE_TEST_SUITE_P(Ways, FinetuneParity, testing::ValuesIn(ways()),
                         [](const auto& way) { return way.param.name; });

/// Which of some parameters a child has moved after some steps.
Overrides moved(const Family& family, const Overrides& overrides, int64_t steps,
                const Overrides& names) {
  const Weights before = family.child({}, 0), after = family.child({"", 2, overrides}, steps);
  Overrides result;
  for (const std::string& name : names)
    if (after.at(name) != before.at(name)) result.push_back(name);
  return result;
}

const Overrides kSome = {"trunk.linear0.weight",  "trunk.norm0.bias",     "trunk.linear1.weight",
                         "trunk.norm1.weight",    "heads.value.out.bias", "heads.fresh.out.weight",
                         "stems.b.linear0.weight"};

TEST(Freezing, KeepsTheFirstLayersBitForBit) {
  const Family family;
  EXPECT_EQ(moved(family, {"finetune.freeze=1", "train.optimizer.weight_decay=0.1"}, 5, kSome),
            Overrides(kSome.begin() + 2, kSome.end()));
}

TEST(Freezing, KeepsTheTrunkBitForBit) {
  const Family family;
  for (const char* all : {"finetune.freeze=trunk", "finetune.freeze=2", "finetune.lr.trunk=0"})
    EXPECT_EQ(moved(family, {all}, 5, kSome), Overrides(kSome.begin() + 4, kSome.end())) << all;
}

TEST(Adapters, AreTheSameInEveryLayout) {
  expect_the_same_in_every_layout(
      {"All", {"finetune.lora={rank: 3, alpha: 6}", "finetune.lr.trunk=5"}});
  expect_the_same_in_every_layout(
      {"One", {"finetune.lora={rank: 2, layers: [linear1]}", "train.optimizer.weight_decay=0.1"}});
}

TEST(Adapters, AreAllOfTheTrunkThatMoves) {
  const Family family;
  const Overrides adapters = {"trunk.linear0.lora_b", "trunk.linear1.lora_a",
                              "trunk.linear1.lora_b"};
  const Overrides lora = {"finetune.lora.rank=2", "train.optimizer.weight_decay=0.1"};
  const Weights before = family.child({"", 1, lora}, 0);
  const Weights after = family.child({"", 2, lora}, 5);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(before.at(kSome[i]), after.at(kSome[i])) << i;
  for (const std::string& name : adapters) EXPECT_NE(before.at(name), after.at(name)) << name;
  EXPECT_EQ(before.at("trunk.linear0.lora_b"), std::vector<double>(16 * 2, 0.0));
}

TEST(Adapters, BeginAsTheParent) {
  const Family family;
  const Weights plain = family.child({}, 0);
  const Weights lora = family.child({"", 1, {"finetune.lora.rank=2"}}, 0);
  for (const std::string& name : kSome) EXPECT_EQ(plain.at(name), lora.at(name)) << name;
}

TEST(Freezing, KeepsHeadsWhoseRateIsZero) {
  const Family family;
  EXPECT_EQ(moved(family, {"finetune.lr.heads=0"}, 5, kSome),
            (Overrides{kSome[0], kSome[1], kSome[2], kSome[3], kSome[6]}));
}

TEST(Freezing, EndsLayerByLayerFromTheHeadsDown) {
  const Family family;
  const Overrides slowly = {"finetune={freeze: trunk, unfreeze: {every: 2}}"};
  const Overrides trunk(kSome.begin(), kSome.begin() + 4);
  EXPECT_EQ(moved(family, slowly, 2 * kEpoch, trunk), Overrides{});
  EXPECT_EQ(moved(family, slowly, 2 * kEpoch + 1, trunk),
            Overrides(trunk.begin() + 2, trunk.end()));
  EXPECT_EQ(moved(family, slowly, 4 * kEpoch, trunk), Overrides(trunk.begin() + 2, trunk.end()));
  EXPECT_EQ(moved(family, slowly, 4 * kEpoch + 1, trunk), trunk);
}

/// What one step measured, and how much of it travels.
struct Measured {
  double norm = 0.0, trunk_squares = 0.0;
  int64_t summed = 0, trunk_elements = 0;
};

Measured first_step(const Family& family, Overrides overrides) {
  overrides.push_back("init.from=" + family.parent);
  overrides.emplace_back("train.clip_norm=0");
  Measured measured;
  train_on_ranks(family.config, {"", 1, overrides}, 0, {}, [&](TrainingSession& training, Ranks&) {
    measured.norm = training.step(0).gradient_norm;
    const at::Tensor& trunk = training.session().model->storage().trunk().gradients();
    measured.trunk_squares = trunk.pow(2).sum().item<double>();
    measured.summed = training.trainable().world_gradients().numel();
    measured.trunk_elements = trunk.numel();
  });
  return measured;
}

TEST(Freezing, LeavesTheTrunkOutOfNormAndSums) {
  const Family family;
  const Measured plain = first_step(family, {});
  const Measured frozen = first_step(family, {"finetune.freeze=trunk"});
  EXPECT_GT(plain.trunk_squares, 0.0);
  EXPECT_EQ(frozen.trunk_squares, 0.0);
  EXPECT_NEAR(frozen.norm, std::sqrt(plain.norm * plain.norm - plain.trunk_squares), 1e-12);
  EXPECT_EQ(frozen.summed, plain.summed - plain.trunk_elements);
}

TEST(Freezing, IsKnownToTheForecast) {
  const Family family;
  const auto trunk_bytes = [&](Overrides overrides) {
    overrides.push_back("init.from=" + family.parent);
    int64_t bytes = -1;
    train_on_ranks(family.config, {"", 1, overrides}, 0, {},
                   [&](TrainingSession& training, Ranks& ranks) {
                     const Session& session = training.session();
                     bytes = measure_costs(session.config, session.description, ranks).trunk_bytes;
                   });
    return bytes;
  };
  EXPECT_EQ(trunk_bytes({}), 8 * first_step(family, {}).trunk_elements);
  EXPECT_EQ(trunk_bytes({"finetune.freeze=trunk"}), 0);
}

TEST(Adapters, AreAllOfTheTrunkThatTravels) {
  const Family family;
  const Measured lora = first_step(family, {"finetune.lora.rank=2"});
  const Measured plain = first_step(family, {});
  // linear0 is (16, 6) and linear1 (12, 16): rows of A and columns of B, on 64-byte borders.
  const int64_t adapters = 16 + 32 + 32 + 24;
  EXPECT_EQ(lora.summed, plain.summed - plain.trunk_elements + adapters);
}

TEST(Rates, ScaleTheStepOfEachPart) {
  const Family family;
  const Overrides sgd = {"train.optimizer={kind: sgd, lr: 0.05}"};
  const Weights start = family.child({}, 0), plain = family.child({"", 1, sgd}, 1);
  const Weights scaled =
      family.child({"", 1, {sgd[0], "finetune.lr={trunk: 0.5, stems: 4, heads: 0.25}"}}, 1);
  const auto check = [&](const char* name, double factor) {
    for (std::size_t i = 0; i < start.at(name).size(); ++i)
      EXPECT_NEAR(scaled.at(name)[i] - start.at(name)[i],
                  factor * (plain.at(name)[i] - start.at(name)[i]), 1e-14)
          << name;
  };
  check("trunk.linear0.weight", 0.5);
  check("stems.b.linear0.weight", 4);
  check("heads.fresh.out.weight", 0.25);
}

TEST(Finetuning, IsRefusedWhereNothingIsLeftToTrain) {
  const Family family;
  EXPECT_EQ(
      message_of([&] {
        family.child({"", 1, {"finetune={freeze: trunk, lr: {stems: 0, heads: 0}}"}}, 0);
      }),
      "finetune: nothing is left to train: the trunk is frozen, and so are all heads and stems "
      "by finetune.lr");
}

TEST(Finetuning, IsRefusedWithMoreLayersThanThereAre) {
  const Family family;
  EXPECT_EQ(message_of([&] {
              family.child({"", 1, {"finetune.freeze=3"}}, 0);
            }),
            "finetune.freeze: 3, but the trunk has 2 layers; give at most that many");
}

}  // namespace
}  // namespace trunkline::test
