// Metrics of tasks: their names, their merging, and what is undefined.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "task_support.hpp"

namespace trunkline {
namespace {

std::vector<std::string> names_of(const Metric& metric) {
  std::vector<std::string> names;
  for (const MetricValue& v : metric.values()) names.push_back(v.name);
  return names;
}

std::unique_ptr<Task> classification(int64_t classes) {
  return task_of(task_options("classification"), target_field(DType::kI64, {}, classes));
}

TEST(Metric, HasTheNamesOfItsKind) {
  using Names = std::vector<std::string>;
  const auto names = [](const std::string& kind) {
    return names_of(*task_of(task_options(kind), target_field(DType::kF32, {3}))->metric());
  };
  EXPECT_EQ(names("classification"), (Names{"loss", "accuracy", "macro_f1", "balanced_accuracy"}));
  EXPECT_EQ(names("multilabel"), (Names{"loss", "accuracy", "roc_auc"}));
  EXPECT_EQ(names("regression"), (Names{"loss", "mae", "rmse", "r2"}));
  EXPECT_EQ(names_of(*classification(2)->metric()).back(), "roc_auc");
}

TEST(Metric, OfNothingIsUndefined) {
  for (const char* kind : {"classification", "multilabel", "regression"})
    EXPECT_TRUE(
        values_of(*task_of(task_options(kind), target_field(DType::kF32, {3}))->metric()).empty());
}

TEST(Metric, MergesToTheValuesOfTheWhole) {
  const at::Tensor labels = numbers({1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0}, {5, 3});
  const Batch batch = batch_of({{"y", labels},
                                {"y_valid", integers({1, 1, 1, 0, 1})},
                                {"y_weight", numbers({1, 2, 0.5, 1, 1}, {5})}});
  const at::Tensor output = noise("output", {5, 3});
  for (const char* kind : {"classification", "multilabel", "regression"}) {
    const auto task = task_of(task_options(kind), target_field(DType::kF64, {3}));
    const auto whole = task->metric(), merged = task->metric();
    whole->add(output, task->target(batch, c10::kDouble));
    for (const SlotRange range : {SlotRange{0, 2}, SlotRange{2, 2}, SlotRange{2, 5}}) {
      const auto part = task->metric();
      part->add(output.narrow(0, range.begin, range.size()),
                task->target(batch.slice(range), c10::kDouble));
      merged->merge(part->state());
    }
    const auto expected = values_of(*whole);
    const auto found = values_of(*merged);
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [name, value] : expected) EXPECT_NEAR(found.at(name), value, 1e-12) << name;
  }
}

TEST(ClassificationMetric, WeighsTheLossButNotTheAccuracy) {
  const auto task = classification(2);
  const auto metric = task->metric();
  const Batch batch = batch_of({{"y", integers({0, 1})}, {"y_weight", numbers({3, 1}, {2})}});
  metric->add(numbers({0, 0, 1, 0}, {2, 2}), task->target(batch, c10::kDouble));
  const auto values = values_of(*metric);
  EXPECT_NEAR(values.at("loss"), (3 * std::log(2.0) + std::log1p(std::exp(1.0))) / 4, 1e-12);
  EXPECT_EQ(values.at("accuracy"), 0.5);  // the tie goes to class 0
}

// The case "three_tasks_one_undefined" of golden/metrics.json (scikit-learn 1.9.1).
nlohmann::json golden_mean_roc_auc() {
  std::ifstream file(std::string(TRUNKLINE_GOLDEN) + "/metrics.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  for (const nlohmann::json& c : golden.at("cases"))
    if (c.at("metric") == "mean_roc_auc") return c;
  return {};
}

// (rows, columns), null as NaN.
at::Tensor table(const nlohmann::json& rows) {
  std::vector<double> values;
  for (const auto& row : rows)
    for (const auto& value : row) values.push_back(value.is_null() ? kNan : value.get<double>());
  return numbers(values, {static_cast<int64_t>(rows.size()), -1});
}

TEST(MultilabelMetric, AveragesTheColumnsThatHaveBothClasses) {
  const nlohmann::json golden = golden_mean_roc_auc();
  const at::Tensor labels = table(golden.at("labels"));
  const auto task =
      task_of(task_options("multilabel", "nan"), target_field(DType::kF64, {labels.size(1)}));
  const auto metric = task->metric();
  metric->add(table(golden.at("scores")), task->target(batch_of({{"y", labels}}), c10::kDouble));
  EXPECT_NEAR(values_of(*metric).at("roc_auc"), golden.at("value").get<double>(), 1e-12);
}

TEST(MultilabelMetric, CountsEntriesAtProbabilityOneHalf) {
  const auto task = task_of(task_options("multilabel"), target_field(DType::kU8, {2}));
  const auto metric = task->metric();
  const Batch batch = batch_of({{"y", numbers({1, 0, 1, 1}, {2, 2})}});
  metric->add(numbers({1, 0, -1, 2}, {2, 2}), task->target(batch, c10::kDouble));
  EXPECT_EQ(values_of(*metric).at("accuracy"), 0.75);
}

TEST(RegressionMetric, PoolsEntriesAndAveragesR2OverColumns) {
  const auto task = task_of(task_options("regression"), target_field(DType::kF64, {2}));
  const auto metric = task->metric();
  const Batch batch = batch_of({{"y", numbers({0, 10, 2, 10}, {2, 2})}});  // column 1 is constant
  metric->add(numbers({0, 10, 1, 13}, {2, 2}), task->target(batch, c10::kDouble));
  const auto values = values_of(*metric);
  EXPECT_EQ(values.at("mae"), 1.0);
  EXPECT_NEAR(values.at("rmse"), std::sqrt(2.5), 1e-12);
  EXPECT_NEAR(values.at("r2"), 0.5, 1e-12);
  EXPECT_EQ(values.at("loss"), 2.5);
}

}  // namespace
}  // namespace trunkline
