// DATA: B_s = round(p_s B / 8) 8, at least 8.
#include "trunkline/plan/batch_shares.hpp"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

const std::vector<int64_t> kRows = {10000, 100, 900};

TEST(BatchShares, EqualGivesEverySourceTheSame) {
  EXPECT_EQ(share_batch({240, "equal"}, kRows), (std::vector<int64_t>{80, 80, 80}));
}

TEST(BatchShares, ProportionalGoesByRowsAndGivesAtLeastEight) {
  EXPECT_EQ(share_batch({1100, "proportional"}, kRows), (std::vector<int64_t>{1000, 8, 88}));
}

TEST(BatchShares, TemperatureFlattensTheShares) {  // square roots 100, 10, 30 of 140
  EXPECT_EQ(share_batch({1400, "temperature", 2.0}, kRows), (std::vector<int64_t>{1000, 104, 304}));
}

TEST(BatchShares, TemperatureOneIsProportional) {
  EXPECT_EQ(share_batch({640, "temperature", 1.0}, kRows),
            share_batch({640, "proportional"}, kRows));
}

}  // namespace
}  // namespace trunkline
