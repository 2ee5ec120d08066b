// What ranks tell of themselves reaches rank 0 as it was.
#include "trunkline/train/rank_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace trunkline {
namespace {

TEST(Cores, AreRanges) {
  EXPECT_EQ(format_cores({}), "");
  EXPECT_EQ(format_cores({3}), "3");
  EXPECT_EQ(format_cores({0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
}

TEST(RankReport, SurvivesTheWayToRank0) {
  const RankReport sent{3, "node7", "cuda:1", 4, "8-11", 1200, 4800.0, 1e8, 9600.0, {"a", "b"}};
  const RankReport found = rank_report_from_json(to_json(sent));
  EXPECT_EQ(to_json(found), to_json(sent));
  EXPECT_EQ(found.host, "node7");
  EXPECT_EQ(found.cores, "8-11");
  EXPECT_EQ(found.sent_bytes, 9600.0);
  EXPECT_EQ(found.tasks, sent.tasks);
}

}  // namespace
}  // namespace trunkline
