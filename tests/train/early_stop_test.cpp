// When an evaluation counts as better, and when waiting for a better one ends.
#include "trunkline/train/early_stop.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace trunkline {
namespace {

std::vector<TaskMetrics> metrics(std::optional<double> loss) {
  return {{"shape", 10, {{"loss", loss}, {"accuracy", 0.5}}}};
}

EarlyStop watch(const EarlyStopOptions& options, const std::vector<double>& losses) {
  EarlyStop stop(options);
  for (const double loss : losses) stop.observe(metrics(loss));
  return stop;
}

TEST(EarlyStop, ComesAfterPatienceEvaluationsWithoutImprovement) {
  const EarlyStopOptions options{{}, 2, 0.0};
  EXPECT_FALSE(watch(options, {1.0, 0.9, 0.9}).due());
  EXPECT_TRUE(watch(options, {1.0, 0.9, 0.9, 0.91}).due());
  EXPECT_FALSE(watch(options, {1.0, 1.1, 0.9, 1.1}).due());
}

TEST(EarlyStop, NeverComesWithoutPatience) { EXPECT_FALSE(watch({}, {1.0, 2.0, 3.0, 4.0}).due()); }

TEST(EarlyStop, AsksForMoreThanMinDelta) {
  const EarlyStopOptions options{{}, 2, 0.5};
  EXPECT_TRUE(watch(options, {2.0, 1.75, 1.5}).due());
  EXPECT_FALSE(watch(options, {2.0, 1.75, 1.25}).due());
}

TEST(EarlyStop, TakesAnUndefinedValueForNoImprovement) {
  EarlyStop stop(EarlyStopOptions{{}, 2, 0.0});
  stop.observe(metrics(std::nullopt));
  stop.observe(metrics(std::nan("")));
  EXPECT_TRUE(stop.due());
  EXPECT_EQ(stop.reason(), "loss of the tasks was undefined 2 times");
}

TEST(EarlyStop, GoesOnFromWhatItRemembered) {
  const EarlyStopOptions options{{}, 2, 0.0};
  EarlyStop stop(options);
  stop.restore(watch(options, {1.0, 1.1}).patience());
  EXPECT_FALSE(stop.due());
  stop.observe(metrics(1.05));
  EXPECT_TRUE(stop.due());
}

TEST(MetricChoice, KnowsBothModes) {
  const MetricChoice low{"loss", "mean", "min"}, high{"accuracy", "mean", "max"};
  EXPECT_TRUE(better(low, 1.0, 2.0));
  EXPECT_FALSE(better(low, 2.0, 1.0));
  EXPECT_TRUE(better(high, 2.0, 1.0));
  EXPECT_FALSE(better(high, 1.0, 1.0));
}

TEST(MetricChoice, LeavesOutWhatIsNotFinite) {
  EXPECT_EQ(chosen_value({}, metrics(0.25)), 0.25);
  EXPECT_EQ(chosen_value({}, metrics(INFINITY)), std::nullopt);
  EXPECT_EQ(chosen_value({"loss", "other", "min"}, metrics(0.25)), std::nullopt);
}

TEST(Better, KnowsWhatIsAnErrorAndWhatIsAScore) {
  for (const char* error : {"loss", "mae", "mse", "rmse", "rel_error"})
    EXPECT_TRUE(better({error, "mean", "auto"}, 0.1, 0.2)) << error;
  for (const char* score : {"accuracy", "macro_f1", "roc_auc", "r2", "miou", "span_f1", "nmi"})
    EXPECT_TRUE(better({score, "mean", "auto"}, 0.2, 0.1)) << score;
  EXPECT_TRUE(better({"accuracy", "mean", "min"}, 0.1, 0.2));
  EXPECT_TRUE(better({"loss", "mean", "max"}, 0.2, 0.1));
}

}  // namespace
}  // namespace trunkline
