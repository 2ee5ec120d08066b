// Mean and deviation of columns, however the rows are cut into blocks.
#include "trunkline/model/column_statistics.hpp"

#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

using Numbers = std::vector<double>;

TEST(ColumnMoments, AreThoseOfThePresentEntries) {
  ColumnMoments moments(2);
  moments.add(numbers({1, 7, 3, kNan, 5, 9}, {3, 2}),
              numbers({1, 1, 1, 0, 1, 1}, {3, 2}).to(c10::kBool));
  const ColumnStatistics s = moments.statistics();
  EXPECT_EQ(s.mean, (Numbers{3, 8}));
  EXPECT_EQ(s.deviation, (Numbers{std::sqrt(8.0 / 3), 1}));
}

TEST(ColumnMoments, PoolTheElementsOfAChannel) {
  ColumnMoments moments(2);
  moments.add(numbers({1, 3, 10, 10, 5, 7, 10, 14}, {2, 2, 2}).to(c10::kByte));
  const ColumnStatistics s = moments.statistics();
  EXPECT_EQ(s.mean, (Numbers{4, 11}));
  EXPECT_EQ(s.deviation, (Numbers{std::sqrt(5.0), std::sqrt(3.0)}));
}

TEST(ColumnMoments, AreTheSameForAnyBlocks) {
  const at::Tensor values = noise("values", {11, 3}).add(1e6);
  ColumnMoments whole(3);
  whole.add(values);
  for (int64_t cut = 0; cut <= 11; ++cut) {
    ColumnMoments parts(3);
    parts.add(values.narrow(0, 0, cut));
    parts.add(values.narrow(0, cut, 11 - cut));
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(parts.statistics().mean[c], whole.statistics().mean[c], 1e-9);
      EXPECT_NEAR(parts.statistics().deviation[c], whole.statistics().deviation[c], 1e-9);
    }
  }
}

// 4e9 * {1, 1, 1, 1} + {4, 7, 13, 16}: population variance 22.5; sums of squares would lose it.
TEST(ColumnMoments, HoldFarFromZero) {
  ColumnMoments moments(1);
  for (const double v : {4.0, 7.0, 13.0, 16.0}) moments.add(numbers({4e9 + v}, {1, 1}));
  EXPECT_EQ(moments.statistics().deviation[0], std::sqrt(22.5));
}

TEST(ColumnMoments, TellConstantColumnsExactly) {
  ColumnMoments moments(2);
  for (int block = 0; block < 3; ++block) moments.add(numbers({0.1, 1, 0.1, 2, 0.1, 4}, {3, 2}));
  EXPECT_EQ(moments.statistics().deviation[0], 0.0);
  EXPECT_EQ(moments.statistics().mean[0], 0.1);
  EXPECT_GT(moments.statistics().deviation[1], 1.0);
}

TEST(ColumnMoments, AreNotANumberWhereAnEntryIsNone) {
  for (const double bad : {kNan, std::numeric_limits<double>::infinity()}) {
    ColumnMoments moments(1);
    moments.add(numbers({5, bad}, {2, 1}));
    EXPECT_TRUE(std::isnan(moments.statistics().deviation[0]));
  }
}

TEST(ColumnMoments, OfNothingAreZero) {
  const ColumnStatistics s = ColumnMoments(2).statistics();
  EXPECT_EQ(s.mean, (Numbers{0, 0}));
  EXPECT_EQ(s.deviation, (Numbers{0, 0}));
}

TEST(Standardize, IsUndoneByItsInverse) {
  const ColumnStatistics s{{2, 30}, {4, 0}};
  const at::Tensor v = numbers({6, 31, -2, 30}, {2, 2});
  const at::Tensor standard = standardize(v, s, 1);
  EXPECT_TRUE(standard.equal(numbers({1, 1, -1, 0}, {2, 2})));
  EXPECT_TRUE(restore_units(standard, s, 1).equal(v));
  EXPECT_TRUE(restore_scale(standard, s, 1).equal(numbers({4, 1, -4, 0}, {2, 2})));
}

}  // namespace
}  // namespace trunkline
