// Schedules against torch.optim.lr_scheduler, and what epochs mean to them.
#include "trunkline/optim/schedule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "optim/golden.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::vector<double> factors(const Schedule& schedule, int64_t count) {
  std::vector<double> result;
  for (int64_t k = 0; k < count; ++k) result.push_back(schedule.factor(k));
  return result;
}

void expect_factors(const Schedule& schedule, const std::vector<double>& expected) {
  const auto found = factors(schedule, static_cast<int64_t>(expected.size()));
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(found[k], expected[k], 1e-12) << "step " << k;
}

ScheduleOptions options_of(const nlohmann::json& golden) {
  ScheduleOptions options;
  options.kind = golden["schedule"];
  options.unit = "step";
  options.warmup_steps = golden.value("warmup_steps", 0);
  options.every = golden.value("every", 1);
  options.milestones = golden.value("at", std::vector<int64_t>{});
  options.gamma = golden.value("factor", 0.1);
  options.end_factor = golden.value("final", 0.0) / golden["base"].get<double>();
  return options;
}

TEST(Schedule, FollowsTorch) {
  for (const nlohmann::json& golden : golden_optim()["schedules"]) {
    SCOPED_TRACE(golden["schedule"].get<std::string>());
    const Schedule schedule(options_of(golden), 1, golden.value("total_steps", 100));
    const std::vector<double> rates = golden["rates"];
    for (std::size_t k = 0; k < rates.size(); ++k)
      EXPECT_NEAR(golden["base"].get<double>() * schedule.factor(static_cast<int64_t>(k)), rates[k],
                  1e-12)
          << "step " << k;
  }
}

TEST(Schedule, OfOneStepPerEpochIsTheSameInBothUnits) {
  for (nlohmann::json golden : golden_optim()["schedules"]) {
    ScheduleOptions options = options_of(golden);
    const auto by_step = factors(Schedule(options, 1, 12), 20);
    options.unit = "epoch";
    EXPECT_EQ(factors(Schedule(options, 1, 12), 20), by_step) << options.kind;
  }
}

TEST(Schedule, ByEpochChangesOnlyAtEpochBorders) {
  const Schedule exponential({.kind = "exponential", .gamma = 0.5}, 3, 9);
  expect_factors(exponential, {1, 1, 1, .5, .5, .5, .25, .25, .25, .125});
  const Schedule linear({.kind = "linear", .unit = "epoch"}, 2, 8);
  expect_factors(linear, {1, 1, .75, .75, .5, .5, .25, .25, 0, 0});
}

TEST(Schedule, AWarmupShorterThanAnEpochShiftsNoMilestone) {
  const Schedule schedule({.kind = "multistep", .warmup_steps = 2, .milestones = {1, 2}}, 4, 12);
  expect_factors(schedule, {.5, 1, 1, 1, .1, .1, .1, .1, .01, .01, .01, .01});
}

TEST(Schedule, EpochsCountFromTheOneInWhichWarmupEnded) {
  const Schedule schedule({.kind = "step", .warmup_steps = 4, .every = 2, .gamma = 0.5}, 2, 12);
  expect_factors(schedule, {.25, .5, .75, 1, 1, 1, 1, 1, .5, .5, .5, .5, .25});
}

TEST(Schedule, DecayByEpochIsTheCurveAtTheFirstStepOfTheEpoch) {
  ScheduleOptions options = {.kind = "cosine", .unit = "step", .warmup_steps = 2};
  const Schedule by_step(options, 4, 16);
  options.unit = "epoch";
  const Schedule by_epoch(options, 4, 16);
  for (int64_t k = 4; k < 24; ++k) EXPECT_EQ(by_epoch.factor(k), by_step.factor(k / 4 * 4)) << k;
  EXPECT_EQ(by_epoch.factor(3), 1.0);
}

TEST(Schedule, RestsAtItsEndPastTheLastStep) {
  for (const char* kind : {"cosine", "linear"})
    for (const char* unit : {"step", "epoch"}) {
      const Schedule schedule({.kind = kind, .unit = unit, .end_factor = 0.25}, 3, 9);
      for (const int64_t k : {9, 10, 1000}) EXPECT_EQ(schedule.factor(k), 0.25) << kind << unit;
    }
}

TEST(Schedule, OfWarmupAloneReachesOneAndThenTheEnd) {
  const Schedule schedule({.kind = "cosine", .unit = "step", .warmup_steps = 4}, 4, 4);
  expect_factors(schedule, {.25, .5, .75, 1, 0, 0});
}

TEST(Schedule, RefusesWhatItDoesNotKnow) {
  EXPECT_THROW(Schedule({.kind = "cosin"}, 1, 1), UsageError);
  EXPECT_THROW(Schedule({.unit = "epochs"}, 1, 1), UsageError);
  EXPECT_THROW(Schedule({.kind = "step", .every = 0}, 1, 1), UsageError);
}

}  // namespace
}  // namespace trunkline
