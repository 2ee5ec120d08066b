// Clusters and reconstructions beside other tasks: the same run on any ranks and in any layout, and
// after a resume.
#include <gtest/gtest.h>

#include <cmath>

#include "parity/tasks_file.hpp"
#include "parity/training.hpp"
#include "trunkline/learn/step_actions.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 30;

// Clusters start in the middle and are refreshed twice, targets of all rows or masses alone; one is
// projected and has no labels.
constexpr const char* kConfig = R"(
run: {name: clusters, seed: 5}
sources:
  a: {file: tasks.h5#/a, batch: 24, normalize: true}
  b: {file: tasks.h5#/b, batch: 10}
trunk: {kind: mlp, widths: [16, 5], activation: tanh, linear_output: true, dropout: 0.1}
tasks:
  copy: {source: a, kind: reconstruction, head: {widths: [9]}}
  groups: {source: a, kind: clustering, target: class, clusters: 3, weight: 0.1, start_step: 10, refresh_every: 7}
  class: {source: a, target: class, kind: classification}
  others: {source: b, kind: clustering, clusters: 4, projection: 2, head: {widths: [6]}, refresh_every: 11, refresh: masses}
train:
  steps: 30
  precision: float64
  clip_norm: 1.0
  optimizer: {kind: sgd, lr: 0.05, momentum: 0.9, weight_decay: 0.01}
)";

std::string write_clusters_config(const TemporaryFolder& folder) {
  write_tasks_file(folder / "tasks.h5");
  return folder.text("clusters.yaml", kConfig);
}

Outcome train(const std::string& config, const Cut& cut, int64_t steps = kSteps) {
  return outcome_of(config, cut, steps, make_step_actions);
}

class ClusteringParity : public testing::TestWithParam<Cut> {};

TEST_P(ClusteringParity, Float64) {
  const TemporaryFolder folder;
  const std::string config = write_clusters_config(folder);
  const Outcome single = train(config, {"single"}), cut = train(config, GetParam());
  EXPECT_LT(largest_difference(cut.weights, single.weights), 1e-10);
  for (const auto& [name, value] : single.metrics)
    EXPECT_NEAR(cut.metrics.at(name), value, 1e-10) << name;
}

std::vector<Cut> cuts() {
  std::vector<Cut> all;
  for (const int ranks : {2, 3, 4}) {
    all.push_back({"Data" + std::to_string(ranks), ranks});
    all.push_back({"Task" + std::to_string(ranks), ranks, {"layout.kind=task"}});
  }
  all.push_back({"Task7", 7, {"layout.kind=task"}});
  all.push_back({"Uneven3",
                 3,
                 {"layout.kind=explicit",
                  "layout.tasks={copy: [0, 1], groups: [1, 2], class: [0], others: [2]}"}});
  all.push_back({"Auto3", 3, {"layout.kind=auto"}});
  all.push_back({"Overlap3", 3, {"comm={overlap: on, bucket_mib: 0.0001}", "train.accumulate=2"}});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Cuts, ClusteringParity, testing::ValuesIn(cuts()),
                         [](const auto& cut) { return cut.param.name; });

TEST(Clusters, StartAtTheirStepAndAreRefreshed) {
  const TemporaryFolder folder;
  const std::string config = write_clusters_config(folder);
  // Shares, because weight decay takes of all masses alike; NaN before the start.
  const auto share = [&](int64_t steps) {
    const auto mass = train(config, {"single"}, steps).weights.at("heads.groups.mass");
    return mass[0] / (mass[0] + mass[1] + mass[2]);
  };
  EXPECT_TRUE(std::isnan(share(10)));
  EXPECT_NEAR(share(17), share(11), 1e-12);
  EXPECT_GT(std::abs(share(18) - share(17)), 1e-9);
}

// k-means and nothing else: the trunk has no parameters, the loss no weight.
TEST(Clusters, WorkOnRawInputsAlone) {
  const TemporaryFolder folder;
  const std::string config = write_clusters_config(folder);
  const std::vector<std::string> raw = {
      "sources={a: {file: tasks.h5#/a, batch: 24}}", "trunk={kind: identity}",
      "tasks={groups: {source: a, kind: clustering, clusters: 5, weight: 0}}"};
  const Outcome single = train(config, {"single", 1, raw}, 2);
  EXPECT_LT(largest_difference(train(config, {"three", 3, raw}, 2).weights, single.weights), 1e-10);
  EXPECT_GT(single.metrics.at("groups.min_cluster_share"), 0.0);
  EXPECT_FALSE(single.metrics.contains("groups.nmi"));
}

std::string refusal(const std::vector<std::string>& overrides) {
  const TemporaryFolder folder;
  const std::string config = write_clusters_config(folder);
  try {
    train(config, {"single", 1, overrides}, 1);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Clusters, SayWhatCannotBe) {
  EXPECT_EQ(refusal({"tasks.groups.clusters=54"}),
            "tasks.groups.clusters: 54, but source a has 53 training rows; ask for fewer");
  EXPECT_EQ(refusal({"tasks.groups.start_step=30"}),
            "tasks.groups.start_step: 30, but the run ends after 30 steps; start sooner or train "
            "longer");
  EXPECT_NE(refusal({"tasks.groups.clusters=1"}).find("tasks.groups.clusters"), std::string::npos);
  EXPECT_NE(refusal({"tasks.copy.target=class"}).find("leave the key out"), std::string::npos);
}

}  // namespace
}  // namespace trunkline::test
