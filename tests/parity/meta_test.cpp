// Meta-steps mean the same on any number of ranks, in any layout, and after a resume.
#include <gtest/gtest.h>

#include <mutex>

#include "learn/episodes_file.hpp"
#include "parity/training.hpp"
#include "support/thread_world.hpp"
#include "trunkline/learn/step_actions.hpp"
#include "trunkline/train/evaluator.hpp"

namespace trunkline::test {
namespace {

struct Trained {
  Weights weights;
  std::vector<double> losses, metrics;
};

Trained learn(const std::string& config, const Cut& cut, int64_t steps) {
  Trained trained;
  trained.weights = train_steps(config, cut, steps, make_step_actions);
  std::mutex mutex;
  train_on_ranks(config, cut, 0, make_step_actions, [&](TrainingSession& training, Ranks&) {
    Trained mine;
    for (int64_t step = 0; step < steps; ++step)
      for (const std::optional<double>& loss : training.step(step).losses)
        mine.losses.push_back(loss.value_or(-1.0));
    std::vector<TaskMetrics> metrics;
    for (const auto& [name, task] : training.session().config.tasks)
      metrics.push_back({name, 0, {}});
    training.evaluate_actions(metrics);
    for (const TaskMetrics& task : metrics)
      for (const MetricValue& value : task.values) mine.metrics.push_back(value.value.value_or(-1));
    const std::lock_guard lock(mutex);
    trained.losses = mine.losses;
    trained.metrics = mine.metrics;
  });
  return trained;
}

void expect_same(const Trained& a, const Trained& b, const std::string& what) {
  EXPECT_LT(largest_difference(a.weights, b.weights), 1e-10) << what;
  ASSERT_EQ(a.losses.size(), b.losses.size());
  for (std::size_t i = 0; i < a.losses.size(); ++i) EXPECT_NEAR(a.losses[i], b.losses[i], 1e-10);
  ASSERT_EQ(a.metrics.size(), b.metrics.size());
  for (std::size_t i = 0; i < a.metrics.size(); ++i) EXPECT_NEAR(a.metrics[i], b.metrics[i], 1e-10);
}

const std::vector<std::string> kAlgorithms = {
    "algorithm: maml", "algorithm: fomaml", "algorithm: anil",
    "algorithm: anil, second_order: false", "algorithm: reptile, inner_batch: 5"};

TEST(MetaParity, EveryAlgorithmOnAnyNumberOfRanks) {
  for (const std::string& algorithm : kAlgorithms) {
    const TemporaryFolder folder;
    const std::string config = write_meta_config(folder / "", algorithm);
    const Trained alone = learn(config, {"one rank", 1}, 4);
    EXPECT_EQ(alone.metrics.size(), 3u) << algorithm;
    for (const int ranks : {2, 4})
      expect_same(learn(config, {"ranks", ranks}, 4), alone, algorithm);
  }
}

// A classification of the same source in joint steps, and a second source whose tasks are not
// few-shot.
const std::vector<std::string> kMixed = {
    "meta.every=2", "meta.sources=[s, r]", "sources.r={file: episodes.h5, batch: 6}",
    "tasks.value={source: r, target: value, kind: regression, weight: 0.5}",
    "tasks.class={source: s, target: class, kind: classification}"};

TEST(MetaParity, InTurnsWithJointStepsInEveryLayout) {
  const TemporaryFolder folder;
  const std::string config = write_meta_config(folder / "", "algorithm: maml");
  const Trained alone = learn(config, {"one rank", 1, kMixed}, 5);
  EXPECT_EQ(alone.metrics.size(), 5u);
  std::vector<std::string> split = kMixed;
  split.push_back("layout={kind: explicit, tasks: {few: [0, 2], class: [1], value: [2, 1]}}");
  expect_same(learn(config, {"explicit", 3, split}, 5), alone, "explicit");
  expect_same(learn(config, {"data", 2, kMixed}, 5), alone, "data");
}

TEST(MetaParity, BucketsThatLeaveWhileBackwardRunsChangeNothing) {
  const TemporaryFolder folder;
  const std::string config = write_meta_config(folder / "", "algorithm: fomaml");
  std::vector<std::string> overlap = kMixed;
  overlap.insert(overlap.end(), {"comm.overlap=on", "comm.bucket_mib=0.0001"});
  expect_same(learn(config, {"overlap", 2, overlap}, 5), learn(config, {"one", 1, kMixed}, 5),
              "overlap");
}

TEST(MetaParity, InnerRateZeroMakesMamlAndFomamlTheSame) {
  const TemporaryFolder folder;
  const std::string config = write_meta_config(folder / "", "algorithm: maml");
  const std::vector<std::string> zero = {"meta.inner_rate=0"};
  std::vector<std::string> first = zero;
  first.push_back("meta.algorithm=fomaml");
  EXPECT_LT(largest_difference(train_steps(config, {"maml", 1, zero}, 3, make_step_actions),
                               train_steps(config, {"fomaml", 1, first}, 3, make_step_actions)),
            1e-12);
}

TEST(MetaParity, FrozenLayersStayAndTakeNoPart) {
  const TemporaryFolder folder;
  const std::string config = write_meta_config(folder / "", "algorithm: maml");
  const std::string parent = save_parent(config, folder / "", {}, 0);
  const std::vector<std::string> frozen = {"init.from=" + parent, "finetune.freeze=1"};
  const Weights before = train_steps(config, {"", 1, frozen}, 0, make_step_actions);
  const Weights after = train_steps(config, {"", 1, frozen}, 2, make_step_actions);
  EXPECT_EQ(before.at("trunk.linear0.weight"), after.at("trunk.linear0.weight"));
  EXPECT_NE(before.at("trunk.linear1.weight"), after.at("trunk.linear1.weight"));
}

}  // namespace
}  // namespace trunkline::test
