// The losses of a regression against their formulas, and standardised targets: Huber 1964, Koenker
// & Bassett 1978 (quantiles), torch's GaussianNLLLoss (its documentation).
#include <gtest/gtest.h>

#include "task_support.hpp"
#include "trunkline/model/label_statistics.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

TaskOptions regression(const std::string& loss) {
  TaskOptions options = task_options("regression", "nan");
  options.loss.kind = loss;
  return options;
}

const FieldDescription kTwoColumns = target_field(DType::kF64, {2});

// Two rows of two labels with weights 2 and 3; the second entry is missing.
Target two_rows(const Task& task) {
  return task.target(
      batch_of({{"y", numbers({1, kNan, 1, 4}, {2, 2})}, {"y_weight", numbers({2, 3}, {2})}}),
      c10::kDouble);
}

double loss(const Task& task, const at::Tensor& output) {
  return task.loss_sum(output, two_rows(task)).item<double>();
}

TEST(HuberLoss, IsQuadraticForSmallErrorsAndLinearForLarge) {
  TaskOptions options = regression("huber");
  options.loss.huber_delta = 1.25;
  const auto task = task_of(options, kTwoColumns);
  EXPECT_NEAR(loss(*task, numbers({0.5, -1, 2, 1}, {2, 2})),
              2 * 0.5 * 0.25 + 3 * (0.5 * 1.0 + 1.25 * (3 - 0.625)), 1e-12);
}

TaskOptions quantiles(const std::vector<double>& levels) {
  TaskOptions options = regression("quantile");
  options.loss.quantiles = levels;
  return options;
}

TEST(QuantileLoss, IsTheMeanPinballLossOfTheLevels) {
  const auto task = task_of(quantiles({0.1, 0.75}), kTwoColumns);
  // Errors label - output: 0.5 and -1, missing, -1 and 0, 3 and 2.
  const at::Tensor output = numbers({0.5, 2, 7, 7, 2, 1, 1, 2}, {2, 4});
  const double first = (0.1 * 0.5 + 0.25 * 1) / 2;
  const double second = (0.9 * 1 + 0) / 2, third = (0.1 * 3 + 0.75 * 2) / 2;
  EXPECT_NEAR(loss(*task, output), 2 * first + 3 * (second + third), 1e-12);
  EXPECT_EQ(task->count(two_rows(*task)).weight, 2 + 3 + 3);
}

TEST(QuantileLoss, PredictsTheLevelNearestToTheMedianAndAllOfThem) {
  const auto task = task_of(quantiles({0.1, 0.6, 0.9}), target_field(DType::kF64));
  const Prediction p = task->predict(numbers({1, 2, 3, 4, 5, 6}, {2, 3}));
  EXPECT_EQ(to_vector<double>(p.prediction), (std::vector<double>{2, 5}));
  EXPECT_EQ(p.quantiles.sizes(), at::IntArrayRef({2, 1, 3}));
  EXPECT_EQ(to_vector<double>(p.quantiles), (std::vector<double>{1, 2, 3, 4, 5, 6}));
}

// A constant prediction that minimises the loss is the empirical quantile.
TEST(QuantileLoss, IsLeastAtTheQuantileOfTheLabels) {
  const auto task = task_of(quantiles({0.25}), target_field(DType::kF64));
  const Target target =
      task->target(batch_of({{"y", numbers({1, 2, 3, 10, 20}, {5})}}), c10::kDouble);
  const auto at_constant = [&](double v) {
    return task->loss_sum(numbers({v, v, v, v, v}, {5, 1}), target).item<double>();
  };
  for (const double other : {1.0, 1.9, 2.1, 3.0, 10.0})
    EXPECT_LT(at_constant(2), at_constant(other));
}

TEST(QuantileLoss, WantsAscendingLevels) {
  for (const auto& levels : {std::vector<double>{}, {0.5, 0.5}, {0.9, 0.1}, {0.0}, {1.0}})
    EXPECT_EQ(message_of<UsageError>([&] { task_of(quantiles(levels), kTwoColumns); }),
              "tasks.t.quantiles: ascending numbers between 0 and 1 expected");
}

TEST(GaussianLoss, IsTheNegativeLogLikelihoodWithoutItsConstant) {
  const auto task = task_of(regression("gaussian"), kTwoColumns);
  // Columns: two means, two logarithms of variances.
  const at::Tensor output = numbers({0.5, 7, 0.25, 7, 2, 1, -1, 2}, {2, 4});
  const auto nll = [](double error, double s) { return 0.5 * (s + error * error / std::exp(s)); };
  EXPECT_NEAR(loss(*task, output), 2 * nll(0.5, 0.25) + 3 * (nll(-1, -1) + nll(3, 2)), 1e-12);
}

TEST(GaussianLoss, HasAFloorOfTheVariance) {
  const auto task = task_of(regression("gaussian"), target_field(DType::kF64));
  const Target target = task->target(batch_of({{"y", numbers({0.001}, {1})}}), c10::kDouble);
  const at::Tensor output = numbers({0, -50}, {1, 2}).requires_grad_();
  const at::Tensor loss = task->loss_sum(output, target);
  EXPECT_NEAR(loss.item<double>(), 0.5 * (std::log(1e-6) + 1.0), 1e-12);
  loss.backward();  // the floor takes no part: a variance below it may grow again
  EXPECT_NEAR(output.grad()[0][1].item<double>(), 0.5 * (1 - 1.0), 1e-9);
  EXPECT_NEAR(task->predict(output).standard_deviation.item<double>(), 1e-3, 1e-15);
}

TEST(GaussianLoss, PredictsMeanAndStandardDeviation) {
  const auto task = task_of(regression("gaussian"), kTwoColumns);
  const Prediction p = task->predict(numbers({3, 4, 0, 2 * std::log(5.0)}, {1, 4}));
  EXPECT_EQ(to_vector<double>(p.prediction), (std::vector<double>{3, 4}));
  EXPECT_TRUE(p.standard_deviation.allclose(numbers({1, 5}, {1, 2}), 1e-14));
}

TEST(GaussianLoss, HasTheMetricsOfItsMean) {
  const auto task = task_of(regression("gaussian"), kTwoColumns);
  const auto metric = task->metric();
  metric->add(numbers({0.5, 7, 0.25, 7, 2, 1, -1, 2}, {2, 4}), two_rows(*task));
  EXPECT_NEAR(values_of(*metric).at("mae"), (0.5 + 1 + 3) / 3, 1e-14);
}

// Labels 1, 3 and 10, 50 in columns with means 2 and 30, deviations 1 and 20.
class StandardizedTest : public testing::Test {
 protected:
  std::unique_ptr<Task> make(TaskOptions options) const {
    options.loss.standardize = true;
    LabelStatistics statistics("t", options, kTwoColumns);
    statistics.add(batch_of({{"y", labels_}}));
    return make_task("t", options, kTwoColumns, {.width = 4}, statistics.statistics());
  }
  at::Tensor labels_ = numbers({1, 10, 3, 50, kNan, kNan}, {3, 2});
};

TEST_F(StandardizedTest, LossCountsInDeviations) {
  const auto task = make(regression("mse"));
  const Target target = task->target(batch_of({{"y", labels_}}), c10::kDouble);
  const double loss = task->loss_sum(numbers({0, 0, 0.5, 2, 7, 7}, {3, 2}), target).item<double>();
  EXPECT_NEAR(loss, 1 + 1 + 0.25 + 1, 1e-12);
}

TEST_F(StandardizedTest, MetricsAndPredictionsKeepTheUnits) {
  const auto task = make(regression("mse"));
  const at::Tensor output = numbers({0, 0, 0.5, 2, 7, 7}, {3, 2});
  const auto metric = task->metric();
  metric->add(output, task->target(batch_of({{"y", labels_}}), c10::kDouble));
  const auto values = values_of(*metric);
  EXPECT_NEAR(values.at("mae"), (1 + 20 + 0.5 + 20) / 4, 1e-12);
  EXPECT_NEAR(values.at("loss"), 3.25 / 4, 1e-12);
  EXPECT_TRUE(task->predict(output).prediction.narrow(0, 0, 2).allclose(
      numbers({2, 30, 2.5, 70}, {2, 2}), 1e-14));
}

TEST_F(StandardizedTest, DistributionsKeepTheUnits) {
  const Prediction normal =
      make(regression("gaussian"))->predict(numbers({0, 1, 0, 2 * std::log(3.0)}, {1, 4}));
  EXPECT_TRUE(normal.prediction.allclose(numbers({2, 50}, {1, 2}), 1e-14));
  EXPECT_TRUE(normal.standard_deviation.allclose(numbers({1, 60}, {1, 2}), 1e-14));
  const Prediction levels = make(quantiles({0.1, 0.5}))->predict(numbers({-1, 0, -1, 1}, {1, 4}));
  EXPECT_TRUE(levels.quantiles.allclose(numbers({1, 2, 10, 50}, {1, 2, 2}), 1e-14));
}

TEST(Standardized, KeepsTheDigitsOfLabelsFarFromZero) {
  TaskOptions options = regression("mse");
  options.loss.standardize = true;
  const FieldDescription field = target_field(DType::kF64);
  const at::Tensor labels = numbers({1e9 - 1, 1e9 + 1}, {2});
  LabelStatistics statistics("t", options, field);
  statistics.add(batch_of({{"y", labels}}));
  const auto task = make_task("t", options, field, {.width = 4}, statistics.statistics());
  const Target target = task->target(batch_of({{"y", labels}}), c10::kFloat);
  const at::Tensor right = numbers({-1, 1}, {2, 1}).to(c10::kFloat);
  EXPECT_EQ(task->loss_sum(right, target).item<double>(), 0.0);
}

// The placeholder of a missing label must not overflow in the scale of the loss.
TEST(Standardized, CountsNoMissingLabelHoweverFarTheMean) {
  TaskOptions options = regression("mse");
  options.loss.standardize = true;
  const auto task =
      make_task("t", options, target_field(DType::kF64), {.width = 4}, {{1e9}, {1e-12}});
  const Target target = task->target(batch_of({{"y", numbers({kNan}, {1})}}), c10::kFloat);
  const at::Tensor output = numbers({1}, {1, 1}).to(c10::kFloat).requires_grad_();
  const at::Tensor loss = task->loss_sum(output, target);
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0.0);
  EXPECT_EQ(output.grad().item<double>(), 0.0);
}

TEST(Standardized, ConstantLabelsAreOnlyShifted) {
  TaskOptions options = regression("mse");
  options.loss.standardize = true;
  const auto task =
      make_task("t", options, target_field(DType::kF64), {.width = 4}, {{0.1}, {0.0}});
  EXPECT_EQ(task->predict(numbers({2}, {1, 1})).prediction.item<double>(), 2.1);
}

}  // namespace
}  // namespace trunkline
