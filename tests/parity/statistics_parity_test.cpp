// Losses that depend on the whole training split mean the same on any number of ranks, and go on
// with the numbers that a run began with.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "parity/training.hpp"
#include "support/h5_fixture.hpp"
#include "support/thread_world.hpp"
#include "trunkline/train/collect_statistics.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 30;

const std::vector<std::string> kStatistics = {"sources.a.normalize=true",
                                              "sources.b.normalize=true",
                                              "tasks.class.class_weights=balanced",
                                              "tasks.class.label_smoothing=0.1",
                                              "tasks.flags.class_weights=balanced",
                                              "tasks.value.standardize=true",
                                              "tasks.value.loss=gaussian",
                                              "tasks.other.class_weights=[0.5, 2]",
                                              "tasks.other.loss=focal"};

std::vector<std::string> with_statistics(std::vector<std::string> overrides = {}) {
  overrides.insert(overrides.end(), kStatistics.begin(), kStatistics.end());
  return overrides;
}

class StatisticsParity : public testing::TestWithParam<Cut> {};

TEST_P(StatisticsParity, Float64) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  Cut cut = GetParam();
  cut.overrides = with_statistics(cut.overrides);
  EXPECT_LT(largest_difference(train_steps(config, cut, kSteps),
                               train_steps(config, {"single", 1, kStatistics}, kSteps)),
            1e-10);
}

INSTANTIATE_TEST_SUITE_P(
    Cuts, StatisticsParity,
    testing::Values(Cut{"Data2", 2}, Cut{"Data3", 3}, Cut{"Data4", 4}, Cut{"Data7", 7},
                    Cut{"Task2", 2, {"layout.kind=task"}}, Cut{"Task3", 3, {"layout.kind=task"}},
                    Cut{"Task4", 4, {"layout.kind=task"}}, Cut{"Task7", 7, {"layout.kind=task"}},
                    Cut{"Uneven3",
                        3,
                        {"layout.kind=explicit",
                         "layout.tasks={class: [0, 1], value: [1, 2], flags: [0, 1], other: [2]}"}},
                    Cut{"Accumulate1", 1, {"train.accumulate=3"}}),
    [](const auto& cut) { return cut.param.name; });

TEST(StatisticsParityItself, NoticesEachSetting) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  const Weights all = train_steps(config, {"single", 1, kStatistics}, kSteps);
  for (const char* other :
       {"sources.a.normalize=none", "tasks.class.class_weights=[]", "tasks.class.label_smoothing=0",
        "tasks.flags.class_weights=[]", "tasks.value.standardize=false",
        "tasks.other.class_weights=[]", "tasks.other.loss=cross_entropy"}) {
    std::vector<std::string> overrides = kStatistics;
    overrides.emplace_back(other);
    EXPECT_GT(largest_difference(train_steps(config, {"other", 1, overrides}, kSteps), all), 1e-6)
        << other;
  }
}

DataStatistics statistics_of(const std::string& config, const std::vector<std::string>& overrides,
                             const DataStatistics& known = {}) {
  DataStatistics statistics;
  run_ranks(1, [&](Communicator& world) {
    CommQueue queue;
    Ranks ranks{world, queue};
    const Session session(read_config(config, overrides), ranks, std::make_shared<IoThread>(), {},
                          known);
    statistics = session.description.statistics;
  });
  return statistics;
}

TEST(DataStatistics, AreCountedOnlyWhereTheConfigNeedsThem) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  EXPECT_EQ(statistics_of(config, {}).inputs.size(), 0u);
  const DataStatistics some =
      statistics_of(config, {"sources.b.normalize=true", "tasks.value.standardize=true"});
  EXPECT_EQ(some.input("b").columns(), 6);
  EXPECT_EQ(some.label("value").columns(), 2);
  EXPECT_TRUE(some.input("a").empty());
  EXPECT_TRUE(some.label("class").empty());
}

TEST(DataStatistics, CountTheTrainingRowsOnly) {
  const TemporaryFolder folder;
  H5Writer(folder / "f.h5")
      .write("x", {4, 2}, std::vector<float>{1, 5, 3, 5, 100, 100, 100, 100})
      .column("y", std::vector<float>{2, 4, 100, 100})
      .column("split/train", std::vector<int64_t>{0, 1})
      .column("split/valid", std::vector<int64_t>{2, 3});
  const std::string config = folder.text("c.yaml", R"(
sources: {s: {file: f.h5, batch: 2, normalize: true}}
tasks: {t: {source: s, kind: regression, standardize: true}}
)");
  const DataStatistics statistics = statistics_of(config, {});
  EXPECT_EQ(statistics.input("s").mean, (std::vector<double>{2, 5}));
  EXPECT_EQ(statistics.input("s").deviation, (std::vector<double>{1, 0}));
  EXPECT_EQ(statistics.label("t").mean, std::vector<double>{3});
  EXPECT_EQ(statistics.label("t").deviation, std::vector<double>{1});
}

TEST(DataStatistics, OfARunThatGoesOnAreTheStoredOnes) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  DataStatistics stored;
  stored.labels.emplace_back("value", ColumnStatistics{{0.1, 1.0 / 3}, {2, 3}});
  const DataStatistics read =
      data_statistics_from_json(nlohmann::json::parse(to_json(stored).dump()));
  const DataStatistics used = statistics_of(config, {"tasks.value.standardize=true"}, read);
  EXPECT_EQ(used.label("value").mean, stored.label("value").mean);
  EXPECT_EQ(used.label("value").deviation, stored.label("value").deviation);
}

TEST(DataStatistics, SayWhichColumnsAreOnlyShifted) {
  const TemporaryFolder folder;
  DataStatistics statistics;
  statistics.inputs.emplace_back("s", ColumnStatistics{{1, 2, 3}, {1, 0, 0}});
  statistics.labels.emplace_back("t", ColumnStatistics{{1}, {1}});
  log_constant_columns(statistics, make_logger({0, false, folder / "log.txt"}));
  std::stringstream log;
  log << std::ifstream(folder / "log.txt").rdbuf();
  EXPECT_NE(log.str().find("source s: 2 of 3 columns are constant (first: 1)"), std::string::npos);
  EXPECT_EQ(log.str().find("task t"), std::string::npos);
}

TEST(DataStatistics, RefuseInputsThatAreNotFinite) {
  const TemporaryFolder folder;
  H5Writer(folder / "f.h5")
      .write("x", {2, 2}, std::vector<float>{1, 5, 3, std::numeric_limits<float>::quiet_NaN()})
      .column("y", std::vector<float>{2, 4});
  const std::string config = folder.text("c.yaml", R"(
sources: {s: {file: f.h5, batch: 2, normalize: true}}
tasks: {t: {source: s, kind: regression}}
)");
  EXPECT_EQ(message_of([&] { statistics_of(config, {}); }),
            "source s: x: column 1 of the training rows has no finite mean and deviation; mend the "
            "file, or leave out sources.s.normalize");
}

TEST(NeededStatistics, MissingFromACheckpointAreNamed) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  EXPECT_EQ(message_of([&] {
              needed_statistics(read_config(config, {"tasks.value.standardize=true"}), {});
            }),
            "the checkpoint holds no statistics for tasks.value.standardize; it was written before "
            "the key was set: train on, or take the key back");
}

}  // namespace
}  // namespace trunkline::test
