// Trunks that read pictures: the same in every layout.
#include <gtest/gtest.h>

#include <fstream>

#include "parity/tasks_file.hpp"
#include "parity/training.hpp"

namespace trunkline::test {
namespace {

struct Kind {
  std::string name, trunk;
  std::vector<std::string> overrides = {};
  friend void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }
};

const std::vector<Kind>& kinds() {
  const std::string experts = "experts: 2, expert: convnet, channels: [3, 4]}";
  static const std::vector<Kind> all = {
      {"Lenet", "{kind: lenet, dropout: 0.2}"},
      {"Resnet34", "{kind: resnet34, base_width: 2, groups: 2}"},
      {"Patches", "{kind: transformer, patch: 8, width: 8, heads: 2, layers: 1, dropout: 0.1}"},
      {"PatchesWithClassToken",
       "{kind: transformer, patch: 8, width: 8, heads: 2, layers: 1, pooling: cls}"},
      {"Identity", "{kind: identity}", {"tasks.class.head.widths=[5]"}},
      {"MmoeOfConvnets", "{kind: mmoe, " + experts},
      {"PleOfConvnets",
       "{kind: ple, expert_layers: 1, " + experts,
       {"tasks.class.head.experts=1", "tasks.value.head.adapter=3"}}};
  return all;
}

std::string write_pictures(const std::string& folder) {
  constexpr std::size_t kRows = 29;
  H5Writer(folder + "/pictures.h5")
      .write("x", {kRows, 1, 16, 16}, random_floats(kRows * 256, 9))
      .column("class", random_bytes(kRows, 10, 3))
      .write("value", {kRows, 2}, random_floats(kRows * 2, 11));
  const std::string config = folder + "/pictures.yaml";
  std::ofstream(config) << R"(
run: {name: pictures, seed: 5}
sources:
  pictures: {file: pictures.h5, batch: 12, train: "1.0"}
tasks:
  class: {source: pictures, target: class, kind: classification}
  value: {source: pictures, target: value, kind: regression, weight: 2.0}
train:
  steps: 8
  precision: float64
  optimizer: {kind: sgd, lr: 0.02, momentum: 0.9}
)";
  return config;
}

class TrunkParity : public testing::TestWithParam<Kind> {};

TEST_P(TrunkParity, HoldsOverLayouts) {
  const TemporaryFolder folder;
  const std::string config = write_pictures(folder / "");
  std::vector<std::string> overrides = GetParam().overrides;
  overrides.push_back("trunk=" + GetParam().trunk);
  const Weights single = train_steps(config, {"single", 1, overrides}, 8);
  for (Cut cut : {Cut{"Data3", 3}, Cut{"Task2", 2, {"layout.kind=task"}},
                  Cut{"Task4", 4, {"layout.kind=task", "train.accumulate=2"}}}) {
    cut.overrides.insert(cut.overrides.end(), overrides.begin(), overrides.end());
    EXPECT_LT(largest_difference(train_steps(config, cut, 8), single), 1e-10) << cut.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TrunkParity, testing::ValuesIn(kinds()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace trunkline::test
