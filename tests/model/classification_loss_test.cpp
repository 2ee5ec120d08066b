// Class weights, label smoothing and the focal loss against their formulas, written out in doubles:
// torch's CrossEntropyLoss and BCEWithLogitsLoss (their documentation), Lin et al. 2017 (focal).
#include <gtest/gtest.h>

#include <array>

#include "task_support.hpp"
#include "trunkline/model/label_statistics.hpp"

namespace trunkline {
namespace {

constexpr std::array<std::array<double, 3>, 2> kLogits = {{{0.5, -1, 2}, {1, 0.25, -0.5}}};
constexpr double kRowWeights[] = {2, 3};

// -log softmax of one of the rows above.
double surprise(std::size_t row, std::size_t c) {
  double sum = 0;
  for (const double z : kLogits[row]) sum += std::exp(z);
  return std::log(sum) - kLogits[row][c];
}

const FieldDescription kThreeClasses = target_field(DType::kI64, {}, 3);

TaskOptions classes(const std::vector<std::string>& weights = {}, const std::string& loss = "") {
  TaskOptions options = task_options("classification");
  options.loss.class_weights = weights;
  options.loss.kind = loss;
  return options;
}

// The rows above with labels 0 and 2.
class ClassificationLossTest : public testing::Test {
 protected:
  void make(const TaskOptions& options) {
    task_ = task_of(options, kThreeClasses);
    target_ = task_->target(batch_of({{"y", integers({0, 2})}, {"y_weight", numbers({2, 3}, {2})}}),
                            c10::kDouble);
  }
  double loss() const { return task_->loss_sum(output_, target_).item<double>(); }

  std::unique_ptr<Task> task_;
  Target target_;
  at::Tensor output_ = numbers({0.5, -1, 2, 1, 0.25, -0.5}, {2, 3}).requires_grad_();
};

TEST_F(ClassificationLossTest, CountsARowWithTheFactorOfItsClass) {
  make(classes({"2", "0.5", "4"}));
  EXPECT_NEAR(loss(), 2 * 2 * surprise(0, 0) + 3 * 4 * surprise(1, 2), 1e-12);
  EXPECT_EQ(task_->count(target_).weight, 2 * 2 + 3 * 4);
  EXPECT_EQ(task_->count(target_).valid, 2);
}

TEST_F(ClassificationLossTest, DoesNotChangeItsMeanWithTheScaleOfClassWeights) {
  make(classes({"2", "0.5", "4"}));
  const double mean = loss() / task_->count(target_).weight;
  make(classes({"20", "5", "40"}));
  EXPECT_NEAR(loss() / task_->count(target_).weight, mean, 1e-14);
}

TEST_F(ClassificationLossTest, SpreadsAShareOfTheLabelOverAllClasses) {
  TaskOptions options = classes({"2", "0.5", "4"});
  options.loss.label_smoothing = 0.1;
  make(options);
  const double factors[] = {2, 0.5, 4};
  double expected = 0;
  for (std::size_t row : {0, 1}) {
    const std::size_t label = row == 0 ? 0 : 2;
    double smooth = 0;
    for (std::size_t c = 0; c < 3; ++c) smooth += factors[c] * surprise(row, c);
    expected += kRowWeights[row] * (0.9 * factors[label] * surprise(row, label) + 0.1 / 3 * smooth);
  }
  EXPECT_NEAR(loss(), expected, 1e-12);
  EXPECT_EQ(task_->count(target_).weight, 2 * 2 + 3 * 4);
}

TEST_F(ClassificationLossTest, TurnsTheFocalLossAwayFromWhatIsRight) {
  TaskOptions options = classes({"2", "0.5", "4"}, "focal");
  options.loss.focal_gamma = 1.5;
  make(options);
  const double a = surprise(0, 0), b = surprise(1, 2);
  EXPECT_NEAR(
      loss(),
      2 * 2 * std::pow(1 - std::exp(-a), 1.5) * a + 3 * 4 * std::pow(1 - std::exp(-b), 1.5) * b,
      1e-12);
}

TEST_F(ClassificationLossTest, IsTheCrossEntropyForAFocalGammaOfZero) {
  TaskOptions options = classes({}, "focal");
  options.loss.focal_gamma = 0;
  make(options);
  EXPECT_NEAR(loss(), 2 * surprise(0, 0) + 3 * surprise(1, 2), 1e-12);
}

TEST_F(ClassificationLossTest, HasAFiniteFocalGradientWhereAProbabilityIsOne) {
  TaskOptions options = classes({}, "focal");
  options.loss.focal_gamma = 0.5;
  make(options);
  const at::Tensor sure = numbers({1e3, 0, 0, 0, 0, 1e3}, {2, 3}).requires_grad_();
  task_->loss_sum(sure, target_).backward();
  EXPECT_EQ(sure.grad().abs().max().item<double>(), 0.0);
}

TEST_F(ClassificationLossTest, IsTheMeanThatTheMetricReports) {
  make(classes({"2", "0.5", "4"}));
  const auto metric = task_->metric();
  metric->add(output_, target_);
  EXPECT_NEAR(values_of(*metric).at("loss"), loss() / 16, 1e-14);
}

ColumnStatistics statistics_of(const TaskOptions& options, const FieldDescription& field,
                               const std::vector<at::Tensor>& parts) {
  LabelStatistics statistics("t", options, field);
  for (const at::Tensor& labels : parts) statistics.add(batch_of({{"y", labels}}));
  return statistics.statistics();
}

// n / (classes * n_c), scikit-learn's class_weight="balanced": 6 labels, of which 3, 1 and 2.
TEST(BalancedClassWeights, MakeEveryClassWeighTheSame) {
  TaskOptions options = classes({"balanced"});
  options.missing = "-1";
  const ColumnStatistics shares =
      statistics_of(options, kThreeClasses, {integers({0, 2, -1, 0}), integers({1, -1, 2, 0, -1})});
  const auto task = make_task("t", options, kThreeClasses, {.width = 4}, shares);
  const double expected[] = {6.0 / 9, 6.0 / 3, 6.0 / 6};
  for (const int64_t c : {0, 1, 2}) {
    const Target one = task->target(batch_of({{"y", integers({c})}}), c10::kDouble);
    EXPECT_NEAR(task->count(one).weight, expected[c], 1e-14);
  }
}

TEST(BalancedClassWeights, NeedALabelOfEveryClass) {
  const TaskOptions options = classes({"balanced"});
  const ColumnStatistics shares = statistics_of(options, kThreeClasses, {integers({0, 2})});
  EXPECT_EQ(
      message_of<UsageError>([&] { make_task("t", options, kThreeClasses, {.width = 4}, shares); }),
      "tasks.t.class_weights: balanced, but class 1 of y has no training label; give a list "
      "of 3 numbers");
}

TEST(ClassWeights, AreOnePositiveNumberPerClass) {
  const auto said = [](const std::vector<std::string>& weights, const FieldDescription& field) {
    return message_of<UsageError>([&] { task_of(classes(weights), field); });
  };
  EXPECT_EQ(said({"1", "2", "3"}, target_field(DType::kI64, {}, 4)),
            "tasks.t.class_weights: 3 values, but y has 4 classes");
  EXPECT_EQ(said({"1", "-2", "3"}, kThreeClasses),
            "tasks.t.class_weights: \"-2\" is no positive number; give one per class, or balanced");
}

double softplus(double z) { return std::log1p(std::exp(z)); }

TaskOptions columns(const std::vector<std::string>& weights) {
  TaskOptions options = task_options("multilabel", "nan");
  options.loss.class_weights = weights;
  return options;
}

TEST(PositiveWeights, MultiplyTheLossOfPositivesOnly) {
  const auto task = task_of(columns({"3", "0.5"}), target_field(DType::kF64, {2}));
  const Target target = task->target(
      batch_of({{"y", numbers({1, 0, 0, 1}, {2, 2})}, {"y_weight", numbers({2, 3}, {2})}}),
      c10::kDouble);
  const double loss = task->loss_sum(numbers({0.5, -1, 2, 1}, {2, 2}), target).item<double>();
  EXPECT_NEAR(loss,
              2 * (3 * softplus(-0.5) + softplus(-1)) + 3 * (softplus(2) + 0.5 * softplus(-1)),
              1e-12);
  EXPECT_EQ(task->count(target).weight, 2 * 2 + 3 * 2);
}

// Column 0: one positive, two negatives; column 1: three positives, one negative.
TEST(PositiveWeights, BalancedAreNegativesOverPositives) {
  const FieldDescription field = target_field(DType::kF64, {2});
  const at::Tensor labels = numbers({1, 1, 0, 1, kNan, 0, 0, 1}, {4, 2});
  const ColumnStatistics shares = statistics_of(columns({"balanced"}), field, {labels});
  const auto balanced = make_task("t", columns({"balanced"}), field, {.width = 4}, shares);
  const auto given = task_of(columns({"2", "0.3333333333333333"}), field);
  const at::Tensor output = noise("output", {4, 2});
  const Target target = given->target(batch_of({{"y", labels}}), c10::kDouble);
  EXPECT_NEAR(balanced->loss_sum(output, target).item<double>(),
              given->loss_sum(output, target).item<double>(), 1e-12);
}

TEST(PositiveWeights, BalancedNeedBothKindsOfLabel) {
  const FieldDescription field = target_field(DType::kF64, {2});
  const ColumnStatistics shares =
      statistics_of(columns({"balanced"}), field, {numbers({1, 0, 0, 0}, {2, 2})});
  EXPECT_EQ(message_of<UsageError>(
                [&] { make_task("t", columns({"balanced"}), field, {.width = 4}, shares); }),
            "tasks.t.class_weights: balanced, but column 1 of y has no positive training label; "
            "give a list of 2 numbers");
}

}  // namespace
}  // namespace trunkline
