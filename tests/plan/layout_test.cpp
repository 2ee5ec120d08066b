#include "trunkline/plan/layout.hpp"

#include <gtest/gtest.h>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

const std::vector<TaskCost> kThree = {{"a", 1.0}, {"b", 4.0}, {"c", 2.0}};

std::string refusal(const LayoutOptions& options, int world_size) {
  try {
    make_layout(options, kThree, world_size);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Layout, DataGivesEveryTaskToEveryRank) {
  EXPECT_EQ(make_layout({"data", {}}, kThree, 2), (Holders{{0, 1}, {0, 1}, {0, 1}}));
}

TEST(Layout, TaskDealsRanksByLargestRemainder) {
  EXPECT_EQ(make_layout({"task", {}}, kThree, 7), (Holders{{0}, {1, 2, 3, 4}, {5, 6}}));
}

TEST(Layout, TaskGivesEachTaskARankEvenIfItCostsLittle) {
  const std::vector<TaskCost> tasks = {{"large", 100.0}, {"small", 1.0}, {"tiny", 0.1}};
  EXPECT_EQ(make_layout({"task", {}}, tasks, 4), (Holders{{0, 1}, {2}, {3}}));
}

TEST(Layout, TaskPutsTheLongestFirstWhereRanksAreFew) {
  EXPECT_EQ(make_layout({"task", {}}, kThree, 2), (Holders{{1}, {0}, {1}}));
}

TEST(Layout, ExplicitReadsRanksAndRanges) {
  const LayoutOptions options{"explicit", {{"a", {"0"}}, {"b", {"1-2"}}, {"c", {"2", "0"}}}};
  EXPECT_EQ(make_layout(options, kThree, 3), (Holders{{0}, {1, 2}, {0, 2}}));
}

TEST(Layout, ExplicitRefusesWhatCannotBe) {
  EXPECT_NE(refusal({"explicit", {{"a", {"0"}}, {"b", {"1"}}}}, 2).find("task c has no rank"),
            std::string::npos);
  EXPECT_NE(refusal({"explicit", {{"a", {"0"}}, {"b", {"0"}}, {"c", {"0"}}}}, 2)
                .find("rank 1 of 2 has no task"),
            std::string::npos);
  EXPECT_NE(refusal({"explicit", {{"a", {"0-3"}}}}, 2).find("beyond the world of 2 ranks"),
            std::string::npos);
  EXPECT_NE(refusal({"explicit", {{"a", {"2-1"}}}}, 4).find("runs backwards"), std::string::npos);
  EXPECT_NE(refusal({"explicit", {{"a", {"one"}}}}, 4).find("not a rank"), std::string::npos);
  EXPECT_NE(refusal({"explicit", {{"d", {"0"}}}}, 4).find("no such task"), std::string::npos);
}

}  // namespace
}  // namespace trunkline
