// A class and numbers per pixel mean the same in every layout, missing pixels included.
#include <gtest/gtest.h>

#include "parity/tasks_file.hpp"
#include "parity/training.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 15;
constexpr std::size_t kRows = 37, kSize = 8, kPixels = kSize * kSize;

// Images with a class for all, a mask with missing pixels and rows without any, and two maps of
// numbers of half the size; rows weigh differently.
std::string write_dense_config(const TemporaryFolder& folder) {
  std::vector<int8_t> mask;
  std::vector<float> weight;
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
      const uint64_t k = key({1, row, pixel});
      const bool labelled = k % 4 > 0 && row % 6 > 0;
      mask.push_back(labelled ? static_cast<int8_t>(mix(k) % 3) : int8_t{-1});
    }
    weight.push_back(0.25f * static_cast<float>(row % 5));
  }
  constexpr std::size_t kHalf = kSize / 2, kNumbers = kRows * 2 * kHalf * kHalf;
  H5Writer(folder / "dense.h5")
      .write("x", {kRows, 2, kSize, kSize}, random_floats(kRows * 2 * kPixels, 2))
      .column("class", random_bytes(kRows, 3, 3))
      .write("mask", {kRows, kSize, kSize}, mask)
      .column("mask_weight", weight)
      .number("mask", "ignore_value", -1)
      .number("mask", "num_classes", 3)
      .text("mask", "kind", "dense_classification")
      .write("flow", {kRows, 2, kHalf, kHalf}, random_floats(kNumbers, 4))
      .write("flow_valid", {kRows, 2, kHalf, kHalf}, random_bytes(kNumbers, 5, 2))
      .text("flow", "kind", "dense_regression");
  return folder.text("dense.yaml", R"(
run: {name: dense, seed: 5}
sources: {images: {file: dense.h5, batch: 12}}
trunk: {kind: convnet, channels: [4, 6], norm: group, dropout: 0.2}
tasks:
  class: {source: images, target: class, kind: classification}
  mask: {source: images, target: mask, head: {channels: [5, 4], skip: true}}
  flow: {source: images, target: flow, weight: 0.5, head: {channels: [4]}}
train: {steps: 15, precision: float64, optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}}
)");
}

std::vector<Cut> cuts() {
  return {{"Data2", 2},
          {"Data3", 3},
          {"Data5", 5},
          {"Data7", 7},
          {"Task2", 2, {"layout.kind=task"}},
          {"Task3", 3, {"layout.kind=task"}},
          {"Task7", 7, {"layout.kind=task"}},
          {"Auto4", 4, {"layout.kind=auto"}},
          {"Uneven3",
           3,
           {"layout.kind=explicit", "layout.tasks={class: [2], mask: [0, 1], flow: [1, 2]}"}},
          {"Accumulate1", 1, {"train.accumulate=5"}},
          {"Overlap3", 3, {"comm={overlap: on, bucket_mib: 0.0001}", "train.accumulate=2"}}};
}

class DenseParity : public testing::TestWithParam<Cut> {
 protected:
  double difference(const std::vector<std::string>& both) const {
    const TemporaryFolder folder;
    const std::string config = write_dense_config(folder);
    Cut cut = GetParam();
    cut.overrides.insert(cut.overrides.end(), both.begin(), both.end());
    return largest_difference(train_steps(config, cut, kSteps),
                              train_steps(config, {"single", 1, both}, kSteps));
  }
};

TEST_P(DenseParity, Float64) { EXPECT_LT(difference({}), 1e-10); }

TEST_P(DenseParity, WithBalancedClassesAndAbsoluteErrors) {
  EXPECT_LT(difference({"tasks.mask.class_weights=balanced", "tasks.flow.loss=mae"}), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Cuts, DenseParity, testing::ValuesIn(cuts()),
                         [](const auto& cut) { return cut.param.name; });

TEST(DenseMetrics, HoldOverLayouts) {
  const TemporaryFolder folder;
  const std::string config = write_dense_config(folder);
  const auto single = outcome_of(config, {"single"}, kSteps).metrics;
  EXPECT_GT(single.at("mask.miou"), 0.0);
  EXPECT_GT(single.at("flow.rel_error"), 0.0);
  for (const Cut& cut : cuts())
    for (const auto& [name, value] : outcome_of(config, cut, kSteps).metrics) {
      const bool counts = name.ends_with("accuracy") || name.ends_with("miou");
      EXPECT_NEAR(value, single.at(name), counts ? 0.0 : 1e-9 * (1 + single.at(name)))
          << cut.name << " " << name;
    }
}

std::string refusal(const std::string& override_) {
  const TemporaryFolder folder;
  const std::string config = write_dense_config(folder);
  return message_of([&] { train_steps(config, {"bad", 1, {override_}}, 1); });
}

TEST(Dense, IsRefusedInOneLineWhereItDoesNotFit) {
  EXPECT_EQ(refusal("trunk={kind: mlp}"),
            "tasks.mask.kind: a task that predicts per pixel needs a trunk that gives maps; use "
            "trunk.kind: convnet, lenet, resnet18 or resnet34");
  EXPECT_EQ(refusal("tasks.mask={source: images, target: class, kind: dense_classification}"),
            "tasks.mask: class has rows of shape (); dense_classification expects one class per "
            "pixel, rows of shape (height, width)");
  const std::string bad = refusal(
      "tasks.mask={source: images, target: mask, kind: dense_classification, missing: nan}");
  EXPECT_EQ(bad.find("source images: mask: label -1 at row "), 0) << bad;
  EXPECT_NE(bad.find(", classes 0..2; mend the file or mark the label as missing"),
            std::string::npos)
      << bad;
}

}  // namespace
}  // namespace trunkline::test
