#include "trunkline/report/last_metrics.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace trunkline {
namespace {

class LastMetricsTest : public testing::Test {
 protected:
  ~LastMetricsTest() override { std::filesystem::remove(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }

  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("trunkline-metrics-" + std::to_string(::getpid()) + ".jsonl");
};

TEST_F(LastMetricsTest, TheLastLineOfEveryMetricInTheOrderOfTheFirst) {
  write(R"({"step":10,"epoch":0.5,"split":"train","task":"a","metric":"loss","value":3}
{"step":10,"epoch":0.5,"split":"train","task":null,"metric":"lr","value":0.1}
{"step":20,"epoch":1.0,"split":"train","task":"a","metric":"loss","value":2}
{"step":20,"epoch":1.0,"split":"valid","task":"a","metric":"loss","value":null}
)");
  const std::vector<MetricLine> lines = last_metrics(path_);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].step, 20);
  EXPECT_EQ(lines[0].value, 2.0);
  EXPECT_EQ(lines[1].task, std::nullopt);
  EXPECT_EQ(lines[1].metric, "lr");
  EXPECT_EQ(lines[2].split, "valid");
  EXPECT_EQ(lines[2].value, std::nullopt);
}

TEST_F(LastMetricsTest, AHalfLineIsPassedOver) {
  write(R"({"step":10,"epoch":0.5,"split":"train","task":"a","metric":"loss","value":3}
{"step":20,"epoch":1.0,"spl)");
  const std::vector<MetricLine> lines = last_metrics(path_);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].step, 10);
}

TEST_F(LastMetricsTest, WithoutAFileThereAreNone) { EXPECT_TRUE(last_metrics(path_).empty()); }

}  // namespace
}  // namespace trunkline
