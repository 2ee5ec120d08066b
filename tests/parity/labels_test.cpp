// `tasks.T.labels`: as few labelled rows as the config says, the same ones in every layout.
#include <gtest/gtest.h>

#include <algorithm>

#include "parity/training.hpp"
#include "support/h5_fixture.hpp"
#include "support/thread_world.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 20;

// Tasks of source a differ in what they use, and flags uses all; source b keeps 9 of 37 rows.
const std::vector<std::string> kFew = {
    "tasks.class.labels=10", "tasks.value.labels=0.3", "tasks.value.standardize=true",
    "tasks.class.class_weights=balanced", "tasks.other.labels=9"};

std::vector<std::string> few(std::vector<std::string> overrides = {}) {
  overrides.insert(overrides.begin(), kFew.begin(), kFew.end());
  return overrides;
}

class LabelsParity : public testing::TestWithParam<Cut> {};

TEST_P(LabelsParity, Float64) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  Cut cut = GetParam();
  cut.overrides = few(cut.overrides);
  EXPECT_LT(largest_difference(train_steps(config, cut, kSteps),
                               train_steps(config, {"single", 1, kFew}, kSteps)),
            1e-10);
}

INSTANTIATE_TEST_SUITE_P(
    Cuts, LabelsParity,
    testing::Values(
        Cut{"Data2", 2}, Cut{"Data3", 3}, Cut{"Data7", 7}, Cut{"Task2", 2, {"layout.kind=task"}},
        Cut{"Task7", 7, {"layout.kind=task"}},
        Cut{"Uneven3Accumulate",
            3,
            {"layout.kind=explicit", "train.accumulate=2",
             "layout.tasks={class: [0, 1], value: [1, 2], flags: [0, 1], other: [2]}"}}),
    [](const auto& cut) { return cut.param.name; });

TEST(LabelsParityItself, NoticesEachSetting) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  const Weights before = train_steps(config, {"few", 1, kFew}, kSteps);
  for (const char* other :
       {"tasks.class.labels=11", "tasks.value.labels=0.6", "tasks.other.labels=10"})
    EXPECT_GT(largest_difference(train_steps(config, {"", 1, few({other})}, kSteps), before), 1e-6)
        << other;
}

struct Opened {
  LabelChoices choices;
  std::vector<int64_t> rows;                  ///< of the train split, per source
  std::vector<std::vector<int64_t>> samples;  ///< chosen, per task
};

Opened open(const std::string& config, const std::vector<std::string>& overrides) {
  Opened opened;
  run_ranks(1, [&](Communicator& world) {
    CommQueue queue;
    Ranks ranks{world, queue};
    const Session session(read_config(config, overrides), ranks, std::make_shared<IoThread>());
    opened.choices = session.labels;
    for (const auto& source : session.sources) opened.rows.push_back(source->rows(Split::kTrain));
    for (const LabelChoice& choice : session.labels) {
      opened.samples.emplace_back();
      for (int64_t sample = 0; sample < 53; ++sample)
        if (choice.contains(sample)) opened.samples.back().push_back(sample);
    }
  });
  return opened;
}

class Labels : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string config_ = write_parity_config(folder_ / "");
};

TEST_F(Labels, LeaveOutRowsThatNoTaskOfTheSourceUses) {
  const Opened all = open(config_, {});
  EXPECT_EQ(all.rows, (std::vector<int64_t>{53, 37}));
  EXPECT_TRUE(all.choices[0].all);
  const Opened some = open(config_, kFew);
  EXPECT_EQ(some.rows, (std::vector<int64_t>{53, 9}));
  EXPECT_EQ(some.choices[3].chosen, 9);
  EXPECT_EQ(some.choices[3].labelled, 37);
}

TEST_F(Labels, CountRowsThatHaveOne) {
  const Opened opened = open(config_, {"tasks.class.labels=10", "tasks.value.labels=1"});
  EXPECT_LT(opened.choices[0].labelled, 53);
  EXPECT_EQ(opened.choices[0].chosen, 10);
  EXPECT_EQ(opened.choices[1].chosen, 1);
}

TEST_F(Labels, AreAPartOfMoreLabels) {
  const std::vector<int64_t> few = open(config_, {"tasks.flags.labels=5"}).samples[2];
  const std::vector<int64_t> more = open(config_, {"tasks.flags.labels=0.4"}).samples[2];
  EXPECT_EQ(few.size(), 5U);
  EXPECT_EQ(more.size(), 21U);
  EXPECT_TRUE(std::includes(more.begin(), more.end(), few.begin(), few.end()));
}

TEST_F(Labels, DependOnTheSeed) {
  EXPECT_NE(open(config_, {"tasks.flags.labels=5", "run.seed=1"}).samples[2],
            open(config_, {"tasks.flags.labels=5", "run.seed=2"}).samples[2]);
}

TEST_F(Labels, AreNeverMoreThanThereAre) {
  const std::string message = message_of([&] { open(config_, {"tasks.other.labels=38"}); });
  EXPECT_NE(message.find("tasks.other.labels: 38, but source b has 37 training rows with a label "
                         "in class; give at most that many"),
            std::string::npos)
      << message;
}

TEST_F(Labels, AreAWholeNumberOrAShare) {
  for (const char* bad : {"tasks.other.labels=2.5", "tasks.other.labels=0", "tasks.other.labels=-3",
                          "tasks.other.labels=many"})
    EXPECT_NE(message_of([&] { read_config(config_, {bad}); }).find("tasks.other.labels"),
              std::string::npos)
        << bad;
}

}  // namespace
}  // namespace trunkline::test
