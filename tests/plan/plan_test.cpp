#include "trunkline/plan/plan.hpp"

#include <gtest/gtest.h>

#include "trunkline/core/error.hpp"
#include "trunkline/plan/collective_schedule.hpp"
#include "trunkline/plan/duration.hpp"

namespace trunkline {
namespace {

// Tasks 0 and 2 share source 0 and holders; task 1 is of source 1 on the same ranks; task 3
// overlaps on rank 1.
Plan uneven() { return make_plan({{0, 1}, {0, 1}, {0, 1}, {1, 2}}, {0, 1, 0, 0}, 3); }

TEST(Plan, GroupsTasksOfOneSourceWithTheSameHolders) {
  const Plan plan = uneven();
  ASSERT_EQ(plan.groups.size(), 3u);
  EXPECT_EQ(plan.groups[0].tasks, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(plan.groups[1].tasks, (std::vector<std::size_t>{1}));
  EXPECT_EQ(plan.groups[2].holders, (std::vector<int>{1, 2}));
}

TEST(Plan, JoinsHeadsOfTheSameHoldersAcrossSources) {
  const Plan plan = uneven();
  ASSERT_EQ(plan.holder_sets.size(), 2u);
  EXPECT_EQ(plan.holder_sets[0].parts, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(Plan, CutsEverySlotToExactlyOneHolder) {
  const Group group{0, {0}, {1, 4, 5}};
  EXPECT_EQ(group_slots(group, 1, 10), (SlotRange{0, 3}));
  EXPECT_EQ(group_slots(group, 4, 10), (SlotRange{3, 6}));
  EXPECT_EQ(group_slots(group, 5, 10), (SlotRange{6, 10}));
  EXPECT_EQ(group_slots(group, 2, 10).size(), 0);
}

TEST(Plan, ReadsTheUnionOfOverlappingRangesOnce) {
  EXPECT_EQ(source_slots(uneven(), 0, 1, 8), (std::vector<SlotRange>{{0, 8}}));
  EXPECT_EQ(source_slots(uneven(), 1, 2, 8), (std::vector<SlotRange>{}));
}

TEST(CollectiveSchedule, HashTellsOrderRanksAndSizesApart) {
  const auto hash = [](const Plan& plan, int64_t trunk) {
    return hash_of(make_collective_schedule(plan, {trunk, {5, 5}, 9}));
  };
  EXPECT_EQ(hash(uneven(), 10), hash(uneven(), 10));
  EXPECT_NE(hash(uneven(), 10), hash(uneven(), 11));
  EXPECT_NE(hash(uneven(), 10),
            hash(make_plan({{0, 1}, {0, 2}, {0, 1}, {0, 1}}, {0, 1, 0, 0}, 3), 10));
}

TEST(Duration, LongestSourceCountsEpochsAndTheOthersCycle) {
  const Duration d = make_duration({{}, 2, "longest"}, {{"a", 53, 24, ""}, {"b", 37, 10, ""}});
  EXPECT_EQ(d.steps_per_epoch, 4);
  EXPECT_EQ(d.total_steps, 8);
  EXPECT_EQ(d.tails, (std::vector<std::string>{"continuous", "pad"}));
}

TEST(Duration, ShortestAndStepsAndDrop) {
  EXPECT_EQ(make_duration({{}, 2, "shortest"}, {{"a", 53, 24, ""}, {"b", 37, 10, ""}}).total_steps,
            6);
  EXPECT_EQ(make_duration({{}, 2, "longest"}, {{"a", 53, 24, "drop"}}).total_steps, 4);
  const Duration steps = make_duration({5, 1, "longest"}, {{"a", 53, 24, ""}});
  EXPECT_EQ(steps.total_steps, 5);
  EXPECT_EQ(steps.tails, (std::vector<std::string>{"continuous"}));
}

TEST(Duration, RefusesATailThatCannotBeAndAnEpochWithoutSteps) {
  EXPECT_THROW(make_duration({{}, 1, "longest"}, {{"a", 53, 24, "pad"}, {"b", 37, 10, ""}}),
               UsageError);
  EXPECT_THROW(make_duration({{}, 1, "longest"}, {{"a", 20, 24, "drop"}}), DataError);
  EXPECT_THROW(make_duration({{}, 1, "longest"}, {{"a", 0, 24, ""}}), DataError);
}

}  // namespace
}  // namespace trunkline
