#include "trunkline/report/table.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace trunkline {
namespace {

TEST(Table, TextStandsLeftAndNumbersRight) {
  EXPECT_EQ(format_table({"task", "loss", "kind"},
                         {{"shape", "0.5", "classification"}, {"position", "12.25", "regression"}}),
            "task       loss  kind\n"
            "--------  -----  --------------\n"
            "shape       0.5  classification\n"
            "position  12.25  regression\n");
}

TEST(Table, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(format_table({"größe", "x"}, {{"abcde", "a"}, {"é", "b"}}),
            "größe  x\n"
            "-----  -\n"
            "abcde  a\n"
            "é      b\n");
}

TEST(Table, ShortRowsEndEarly) { EXPECT_EQ(format_table({"a", "b"}, {{"x"}}), "a  b\n-  -\nx\n"); }

TEST(Table, HeaderAlone) { EXPECT_EQ(format_table({"a", "bc"}, {}), "a  bc\n-  --\n"); }

TEST(Format, CountsHaveThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(-123456), "-123,456");
}

TEST(Format, BytesHaveBinaryUnits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KiB");
  EXPECT_EQ(format_bytes(1.2 * 1024 * 1024), "1.2 MiB");
  EXPECT_EQ(format_bytes(1024.0 * 1024 * 1024 - 1), "1.0 GiB");
}

TEST(Format, SecondsAreAClock) {
  EXPECT_EQ(format_seconds(0), "0:00");
  EXPECT_EQ(format_seconds(12.4), "0:12");
  EXPECT_EQ(format_seconds(59.6), "1:00");
  EXPECT_EQ(format_seconds(3 * 3600 + 4 * 60 + 5), "3:04:05");
  EXPECT_EQ(format_seconds(std::numeric_limits<double>::infinity()), "?");
  EXPECT_EQ(format_seconds(std::numeric_limits<double>::quiet_NaN()), "?");
}

TEST(Format, MetricsHaveFourDigits) {
  EXPECT_EQ(format_metric(0.98765), "0.9877");
  EXPECT_EQ(format_metric(0.5), "0.5");
  EXPECT_EQ(format_metric(12345.6), "12346");
  EXPECT_EQ(format_metric(1.5e-7), "1.5e-07");
}

}  // namespace
}  // namespace trunkline
