// The promise: one config means the same training run in every layout, on any number of ranks.
#include <gtest/gtest.h>

#include "parity/training.hpp"
#include "support/h5_fixture.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 50;

class Parity : public testing::TestWithParam<Cut> {
 protected:
  // The difference between a single process and this cut after some steps.
  double difference(const std::vector<std::string>& both) const {
    const TemporaryFolder folder;
    const std::string config = write_parity_config(folder / "");
    Cut cut = GetParam();
    cut.overrides.insert(cut.overrides.end(), both.begin(), both.end());
    return largest_difference(train_steps(config, cut, kSteps),
                              train_steps(config, {"single", 1, both}, kSteps));
  }
};

TEST_P(Parity, Float64) { EXPECT_LT(difference({}), 1e-10); }

TEST_P(Parity, Float32) {
  EXPECT_LT(difference({"train.precision=float32", "train.optimizer.momentum=0"}), 1e-5);
}

TEST_P(Parity, EpochsWithShortLastBatches) {
  EXPECT_LT(
      difference({"train={epochs: 20, precision: float64, optimizer: {kind: sgd, lr: 0.05}}"}),
      1e-10);
}

TEST_P(Parity, Stems) {
  EXPECT_LT(difference({"sources.a.stem={kind: mlp, widths: [8], dropout: 0.1}",
                        "sources.b.stem={kind: mlp, widths: [5, 8], activation: tanh}"}),
            1e-10);
}

TEST_P(Parity, OneStem) {
  EXPECT_LT(difference({"sources.b.stem={kind: mlp, widths: [6]}"}), 1e-10);
}

TEST_P(Parity, SharedBatch) {
  EXPECT_LT(difference({"train.batch={total: 40, shares: temperature}"}), 1e-10);
}

std::vector<Cut> cuts() {
  std::vector<Cut> all;
  for (const int ranks : {2, 3, 4, 7}) {
    all.push_back({"Data" + std::to_string(ranks), ranks});
    all.push_back({"Task" + std::to_string(ranks), ranks, {"layout.kind=task"}});
  }
  const std::string explicit_kind = "layout.kind=explicit";
  all.push_back(
      {"Uneven3",
       3,
       {explicit_kind, "layout.tasks={class: [0, 1], value: [1, 2], flags: [0, 1], other: [2]}"}});
  all.push_back({"Uneven7",
                 7,
                 {explicit_kind,
                  "layout.tasks={class: \"0-4\", value: [0, 6], flags: \"2-6\", other: [5]}"}});
  all.push_back({"Auto3", 3, {"layout.kind=auto"}});
  all.push_back({"Overlap3", 3, {"comm={overlap: on, bucket_mib: 0.0001}", "train.accumulate=2"}});
  all.push_back({"Overlap4", 4, {"comm={overlap: on, bucket_mib: 0.001}", "layout.kind=task"}});
  all.push_back({"Accumulate1", 1, {"train.accumulate=3"}});
  all.push_back({"Accumulate2", 2, {"train.accumulate=5", "layout.kind=task"}});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Cuts, Parity, testing::ValuesIn(cuts()),
                         [](const auto& cut) { return cut.param.name; });

TEST(ParityOfResnet, HoldsOverLayouts) {
  const TemporaryFolder folder;
  const std::string config = write_resnet_config(folder / "");
  const Weights single = train_steps(config, {"single"}, 5);
  for (const Cut& cut : {Cut{"Data3", 3}, Cut{"Task2", 2, {"layout.kind=task"}},
                         Cut{"Accumulate1", 1, {"train.accumulate=5"}}})
    EXPECT_LT(largest_difference(train_steps(config, cut, 5), single), 1e-10) << cut.name;
}

TEST(ParityItself, NoticesAnotherSeed) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  EXPECT_GT(largest_difference(train_steps(config, {"other", 1, {"run.seed=6"}}, 2),
                               train_steps(config, {"single"}, 2)),
            1e-3);
}

TEST(ParityItself, NoticesAnotherTaskWeight) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  EXPECT_GT(
      largest_difference(train_steps(config, {"other", 1, {"tasks.value.weight=2.01"}}, kSteps),
                         train_steps(config, {"single"}, kSteps)),
      1e-6);
}

}  // namespace
}  // namespace trunkline::test
