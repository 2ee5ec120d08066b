#include "trunkline/report/progress.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <sstream>

namespace trunkline {
namespace {

constexpr double kNever = 1e9;

ProgressPoint point(int64_t step, int64_t total) {
  return {.step = step,
          .total_steps = total,
          .epoch = 3.14,
          .losses = {{"shape", 0.4123}, {"position", 0.03121}},
          .samples = 256};
}

// A logger into a string.
struct Log {
  std::ostringstream text;
  Logger logger = std::make_shared<spdlog::logger>(
      "progress", std::make_shared<spdlog::sinks::ostream_sink_st>(text));
  Log() { logger->set_pattern("%v"); }
};

long count(const std::string& text, char c) { return std::count(text.begin(), text.end(), c); }

TEST(Progress, LineSaysStepEpochAndLosses) {
  Log log;
  Progress(log.logger, false, 0.0).update(point(120, 390));
  const std::string line = log.text.str();
  EXPECT_TRUE(line.starts_with("step 120/390  epoch 3.1  shape 0.4123  position 0.03121  "))
      << line;
  EXPECT_NE(line.find(" samples/s  "), std::string::npos) << line;
  EXPECT_NE(line.find(" left\n"), std::string::npos) << line;
}

TEST(Progress, UnknownTotalHasNoTimeLeft) {
  Log log;
  Progress(log.logger, false, 0.0).update(point(7, 0));
  EXPECT_TRUE(log.text.str().starts_with("step 7  epoch"));
  EXPECT_EQ(log.text.str().find("left"), std::string::npos);
}

TEST(Progress, LogGetsOnlyTheLastStepBetweenIntervals) {
  Log log;
  Progress progress(log.logger, false, kNever);
  for (int64_t step = 1; step <= 10; ++step) progress.update(point(step, 10));
  EXPECT_EQ(count(log.text.str(), '\n'), 1);
  EXPECT_TRUE(log.text.str().starts_with("step 10/10  "));
}

TEST(Progress, LogLineIsNeverCut) {
  Log log;
  ProgressPoint many = point(1, 1);
  for (int i = 0; i < 100; ++i) many.losses.emplace_back("task", 1.0);
  Progress(log.logger, false, kNever).update(many);
  EXPECT_GT(log.text.str().size(), 500u);
}

TEST(Progress, TerminalLineIsRedrawnInPlaceAndCut) {
  Log log;
  ProgressPoint many = point(1, 1000);
  for (int i = 0; i < 100; ++i) many.losses.emplace_back("task", 1.0);
  testing::internal::CaptureStderr();
  Progress(log.logger, true).update(many);
  const std::string drawn = testing::internal::GetCapturedStderr();
  const std::string clear = "\x1b[K";
  EXPECT_TRUE(drawn.starts_with("\rstep 1/1000  "));
  EXPECT_TRUE(drawn.ends_with(clear));
  EXPECT_EQ(drawn.size(),
            1 + 79 + clear.size());  // no terminal here: 80 columns, the last one free
  EXPECT_EQ(log.text.str(), "");
}

TEST(Progress, TerminalIsNotDrawnAtEveryStep) {
  Log log;
  testing::internal::CaptureStderr();
  Progress progress(log.logger, true);
  for (int64_t step = 1; step <= 1000; ++step) progress.update(point(step, 1000));
  const std::string drawn = testing::internal::GetCapturedStderr();
  EXPECT_LT(count(drawn, '\r'), 1000);
  EXPECT_NE(drawn.find("\rstep 1000/1000  "), std::string::npos);
}

TEST(Progress, FinishEndsADrawnLineOnce) {
  Log log;
  testing::internal::CaptureStderr();
  Progress progress(log.logger, true);
  progress.finish();
  progress.update(point(1, 2));
  progress.finish();
  progress.finish();
  EXPECT_EQ(count(testing::internal::GetCapturedStderr(), '\n'), 1);
}

}  // namespace
}  // namespace trunkline
