// A trunk made in Python trains to the same parameters in every layout.
#include <gtest/gtest.h>

#include "parity/tasks_file.hpp"
#include "parity/training.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 8;

class TorchScriptParity : public testing::Test {
 protected:
  TorchScriptParity() {
    write_tasks_file(folder_ / "tasks.h5");
    config_ = folder_.text("script.yaml", R"(
run: {name: script, seed: 5}
sources:
  images: {file: tasks.h5#/images, batch: 12}
trunk: {kind: torchscript}
tasks:
  class: {source: images, target: class, kind: classification}
  value: {source: images, target: value, kind: regression}
train:
  steps: 8
  precision: float64
  optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}
init: {from: )" + std::string(TRUNKLINE_GOLDEN) +
                                              "/torchscript/small.pt}\n");
  }

  void expect_the_same_in_every_layout(const std::vector<std::string>& way) const {
    const Weights single = train_steps(config_, {"single", 1, way}, kSteps);
    for (Cut cut :
         std::vector<Cut>{{"Data2", 2},
                          {"Data3", 3},
                          {"Data7", 7},
                          {"Task2", 2, {"layout.kind=task"}},
                          {"Task3Accumulate", 3, {"layout.kind=task", "train.accumulate=2"}}}) {
      cut.overrides.insert(cut.overrides.end(), way.begin(), way.end());
      EXPECT_LT(largest_difference(train_steps(config_, cut, kSteps), single), 1e-10) << cut.name;
    }
  }

  TemporaryFolder folder_;
  std::string config_;
};

TEST_F(TorchScriptParity, Float64) { expect_the_same_in_every_layout({}); }

TEST_F(TorchScriptParity, FirstLayerFrozen) {
  expect_the_same_in_every_layout({"finetune.freeze=1"});
}

TEST_F(TorchScriptParity, Adapters) { expect_the_same_in_every_layout({"finetune.lora.rank=2"}); }

TEST_F(TorchScriptParity, TrainsEveryParameter) {
  const Weights before = train_steps(config_, {"", 1, {}}, 0);
  const Weights after = train_steps(config_, {"", 1, {}}, 2);
  EXPECT_EQ(before.size(), 8U + 4U);
  for (const auto& [name, values] : before) EXPECT_NE(values, after.at(name)) << name;
}

}  // namespace
}  // namespace trunkline::test
