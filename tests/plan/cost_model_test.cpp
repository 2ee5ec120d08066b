#include "trunkline/plan/cost_model.hpp"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

// Two tasks on one source, each head as costly as the trunk; no links unless a test sets them.
StepCosts one_source() {
  StepCosts costs;
  costs.trunk_seconds = {1.0};
  costs.head_seconds = {1.0, 1.0};
  costs.part_bytes = {100, 100};
  costs.trunk_bytes = 1000;
  return costs;
}

TEST(CostModel, DataLayoutSharesTheTrunksForward) {
  const Plan plan = make_plan({{0, 1}, {0, 1}}, {0, 0}, 2);
  EXPECT_EQ(forecast_step(plan, one_source(), {10}).compute_seconds, 5 * (1 + 1 + 1));
}

TEST(CostModel, TaskLayoutRepeatsItForTasksOfOneSource) {
  const Plan plan = make_plan({{0}, {1}}, {0, 0}, 2);
  EXPECT_EQ(forecast_step(plan, one_source(), {10}).compute_seconds, 10 * (1 + 1));
}

TEST(CostModel, TheBusiestRankDecides) {
  const Plan plan = make_plan({{0}, {1, 2}}, {0, 1}, 3);
  StepCosts costs = one_source();
  costs.trunk_seconds = {1.0, 1.0};
  EXPECT_EQ(forecast_step(plan, costs, {10, 10}).compute_seconds, 10 * (1 + 1));
}

TEST(CostModel, TaskLayoutSparesTheSumOfHeads) {
  StepCosts costs = one_source();
  costs.seconds_per_byte = 0.5;
  costs.latency_seconds = 3.0;
  const Plan data = make_plan({{0, 1}, {0, 1}}, {0, 0}, 2);
  const Plan task = make_plan({{0}, {1}}, {0, 0}, 2);
  EXPECT_EQ(forecast_step(data, costs, {10}).sum_seconds, 3.0 + 0.5 * 1200);
  EXPECT_EQ(forecast_step(task, costs, {10}).sum_seconds, 3.0 + 0.5 * 1000);
}

TEST(CostModel, OneRankSumsNothing) {
  StepCosts costs = one_source();
  costs.seconds_per_byte = costs.latency_seconds = 1.0;
  EXPECT_EQ(forecast_step(make_plan({{0}, {0}}, {0, 0}, 1), costs, {10}).sum_seconds, 0.0);
}

TEST(CostModel, NoiseDoesNotTellTasksApart) {
  StepCosts costs = one_source();
  costs.head_seconds = {1.0, 1.07};
  const std::vector<double> seconds = task_seconds(costs, {0, 0}, {10});
  EXPECT_EQ(seconds[0], seconds[1]);
}

TEST(CostModel, TwiceTheRowsIsAboutTwiceTheCost) {
  StepCosts costs = one_source();
  costs.trunk_seconds = {1.0, 1.0};
  const std::vector<double> seconds = task_seconds(costs, {0, 1}, {10, 20});
  EXPECT_NEAR(seconds[1] / seconds[0], 2.0, 0.25);
}

}  // namespace
}  // namespace trunkline
