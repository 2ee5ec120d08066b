// Sharing beyond one trunk means the same in every layout: experts, adapters, tables with codes.
#include <gtest/gtest.h>

#include "parity/family.hpp"
#include "parity/tasks_file.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 30;

using Overrides = std::vector<std::string>;

struct Sharing {
  std::string name;
  Overrides overrides;
};

const std::vector<Sharing>& ways() {
  const std::string layers = "widths: [9, 8], norm: layer, activation: tanh, dropout: 0.2";
  static const std::vector<Sharing> all = {
      {"Mmoe", {"trunk={kind: mmoe, experts: 3, " + layers + "}"}},
      {"Cgc",
       {"trunk={kind: cgc, experts: 2, " + layers + "}", "tasks.value.head.experts=2",
        "tasks.other.head.experts=0"}},
      {"Ple",
       {"trunk={kind: ple, experts: 2, expert_layers: 3, " + layers + "}",
        "tasks.value.head.experts=2"}},
      {"Adapters", {"tasks.value.head.adapter=4", "tasks.other.head.adapter=3"}}};
  return all;
}

const std::vector<Cut>& cuts() {
  static const std::vector<Cut> all = {
      {"Data2", 2},
      {"Data3Overlap", 3, {"comm={overlap: on, bucket_mib: 0.0001}"}},
      {"Task2", 2, {"layout.kind=task"}},
      {"Task4", 4, {"layout.kind=task"}},
      {"Auto3", 3, {"layout.kind=auto"}},
      {"Uneven3",
       3,
       {"layout.kind=explicit",
        "layout.tasks={class: [0, 1], value: [1, 2], flags: [0, 1], other: [2]}"}},
      {"Accumulate2", 2, {"train.accumulate=5", "layout.kind=task"}}};
  return all;
}

Weights with(const std::string& config, Cut cut, const Overrides& more, int64_t steps = kSteps) {
  cut.overrides.insert(cut.overrides.end(), more.begin(), more.end());
  return train_steps(config, cut, steps);
}

class SharingParity : public testing::TestWithParam<Sharing> {};

TEST_P(SharingParity, Float64) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  const Weights single = with(config, {}, GetParam().overrides);
  for (const Cut& cut : cuts())
    EXPECT_LT(largest_difference(with(config, cut, GetParam().overrides), single), 1e-10)
        << cut.name;
}

// Every part of a model moves, or a gradient is lost.
TEST_P(SharingParity, EveryParameterMoves) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  const Weights before = with(config, {}, GetParam().overrides, 0),
                after = with(config, {}, GetParam().overrides, 2);
  for (const auto& [name, values] : before) EXPECT_NE(after.at(name), values) << name;
}

INSTANTIATE_TEST_SUITE_P(Ways, SharingParity, testing::ValuesIn(ways()),
                         [](const auto& way) { return way.param.name; });

constexpr const char* kTable = R"(
run: {name: table, seed: 5}
sources:
  a: {file: table.h5, batch: 12, normalize: true, stem: {kind: table, codes: [0, 5, 0, 3], embedding: [2, 3]}}
  b: {file: tasks.h5#/b, batch: 10, stem: {kind: mlp, widths: [7]}}
trunk: {kind: mlp, widths: [8], activation: tanh}
tasks:
  class: {source: a, target: class, kind: classification}
  value: {source: a, target: value, kind: regression}
  other: {source: b, target: class, kind: classification}
train: {steps: 30, precision: float64, optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}}
)";

// 31 rows: a number, a code of 5, a number, a code of 3.
std::string write_table_config(const TemporaryFolder& folder) {
  constexpr std::size_t kRows = 31;
  std::vector<float> x = random_floats(kRows * 4, 1);
  for (std::size_t i = 0; i < kRows; ++i) {
    x[i * 4 + 1] = static_cast<float>(i * i % 5);
    x[i * 4 + 3] = static_cast<float>(i % 3);
  }
  H5Writer(folder / "table.h5")
      .write("x", {kRows, 4}, x)
      .column("class", random_bytes(kRows, 2, 3))
      .write("value", {kRows, 2}, random_floats(kRows * 2, 4));
  write_tasks_file(folder / "tasks.h5");
  return folder.text("table.yaml", kTable);
}

TEST(TableParity, HoldsOverLayouts) {
  const TemporaryFolder folder;
  const std::string config = write_table_config(folder);
  const Weights single = train_steps(config, {}, kSteps);
  for (const Cut& cut :
       {Cut{"Data3", 3, {"layout.kind=data"}}, Cut{"Task3", 3, {"layout.kind=task"}},
        Cut{"Auto2", 2, {"layout.kind=auto"}}, Cut{"Accumulate2", 2, {"train.accumulate=4"}}})
    EXPECT_LT(largest_difference(train_steps(config, cut, kSteps), single), 1e-10) << cut.name;
}

TEST(TableParity, CodesAreNotNormalised) {
  const TemporaryFolder folder;
  const std::string config = write_table_config(folder);
  const Weights before = train_steps(config, {}, 0), after = train_steps(config, {}, 5);
  EXPECT_NE(before.at("stems.a.embedding1.weight"), after.at("stems.a.embedding1.weight"));
  EXPECT_NE(before.at("stems.a.embedding3.weight"), after.at("stems.a.embedding3.weight"));
}

TEST(TableParity, RefusesABadCodeOnAnyNumberOfRanks) {
  const TemporaryFolder folder;
  const std::string config = write_table_config(folder);
  const Overrides few = {"sources.a.stem.codes=[0, 5, 0, 2]"};
  EXPECT_NE(message_of([&] { with(config, {}, few); }).find("source a: x: column 3, row "),
            std::string::npos);
}

const Overrides kExperts = {"trunk={kind: ple, experts: 2, widths: [9, 8], activation: tanh}"};

TEST(SharingTransfer, KeepsExpertsAndGatesOfKnownTasks) {
  const Family family(kExperts);
  const Weights child =
      with(family.config, {"", 3, {"layout.kind=task", "init.from=" + family.parent}}, kExperts, 0);
  const Weights parent = with(family.parent_config, {}, kExperts, 10);
  for (const char* name :
       {"trunk.layer0.expert1.linear0.weight", "trunk.layer0.gate.weight",
        "heads.value.layer1.expert0.linear1.bias", "heads.value.layer1.gate.weight"})
    EXPECT_EQ(child.at(name), parent.at(std::string("average of ") + name)) << name;
}

TEST(SharingTransfer, MeansTheSameInEveryLayoutWithFrozenExperts) {
  const Family family(kExperts);
  for (const char* freeze : {"finetune.freeze=1", "finetune.freeze=trunk",
                             "finetune={freeze: trunk, unfreeze: {every: 1}, l2_sp: 0.1}"}) {
    const Overrides way = {kExperts[0], freeze, "init.from=" + family.parent};
    const Weights single = with(family.config, {}, way, 20);
    for (const Cut& cut : {Cut{"Data2", 2}, Cut{"Task2", 2, {"layout.kind=task"}}})
      EXPECT_LT(largest_difference(with(family.config, cut, way, 20), single), 1e-10)
          << freeze << " " << cut.name;
  }
}

}  // namespace
}  // namespace trunkline::test
