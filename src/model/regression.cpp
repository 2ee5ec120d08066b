#include <ATen/ops/isfinite.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/model/head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/regression_errors.hpp"
#include "trunkline/model/scaling.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

using ErrorSum = at::Tensor (*)(const at::Tensor&, const Target&);

class RegressionMetric final : public Metric {
 public:
  RegressionMetric(int64_t columns, ErrorSum error_sum)
      : error_sum_(error_sum), columns_(static_cast<std::size_t>(columns)) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    loss_.add(error_sum_(output.to(c10::kDouble), target).item<double>(),
              count_elements(target).weight);
    const auto predictions = to_vector<double>(output);
    const auto labels = to_vector<double>(target.values);
    const auto valid = to_vector<uint8_t>(target.valid);
    for (std::size_t i = 0; i < predictions.size(); ++i)
      if (valid[i]) columns_[i % columns_.size()].add(labels[i], predictions[i]);
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    loss_.save(state);
    for (const RegressionErrors& column : columns_) column.save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    loss_.merge(state);
    for (RegressionErrors& column : columns_) column.merge(state);
  }

  std::vector<MetricValue> values() const override {
    WeightedMean absolute, squared, r2;
    for (const RegressionErrors& column : columns_) {
      absolute.add(column.absolute(), column.count());
      squared.add(column.squared(), column.count());
      if (const auto value = column.r2()) r2.add(*value, 1.0);
    }
    std::optional<double> rmse = squared.value();
    if (rmse) rmse = std::sqrt(*rmse);
    return {{"loss", loss_.value()}, {"mae", absolute.value()}, {"rmse", rmse}, {"r2", r2.value()}};
  }

 private:
  ErrorSum error_sum_;
  WeightedMean loss_;
  std::vector<RegressionErrors> columns_;
};

class Regression final : public Task {
 public:
  Regression(const std::string& name, const TaskOptions& options, const FieldDescription& field,
             int64_t width, ErrorSum error_sum)
      : name_(name),
        field_(field),
        error_sum_(error_sum),
        labels_(name, options, field),
        head_(name, options.head, width, field.row_elements()) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType precision) const override {
    const Labels labels = labels_.read(batch);
    const at::Tensor values = scale_and_shift(labels.values, field_, /*axis=*/1).to(precision);
    labels_.check(batch, labels, at::isfinite(values), "expected a finite number");
    return {at::where(labels.present, values, at::zeros_like(values)), labels.present,
            labels.weight};
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return head_.forward(parameters, trunk, context);
  }

  Count count(const Target& target) const override { return count_elements(target); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return error_sum_(output, target);
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<RegressionMetric>(labels_.columns(), error_sum_);
  }

  Prediction predict(const at::Tensor& output) const override { return {output, {}}; }

 private:
  std::string name_, kind_ = "regression";
  FieldDescription field_;
  ErrorSum error_sum_;
  LabelReader labels_;
  Head head_;
};

ErrorSum loss_named(const std::string& task, const std::string& loss) {
  if (loss.empty() || loss == "mse") return squared_error_sum;
  if (loss == "mae") return absolute_error_sum;
  throw UsageError(fmt::format("tasks.{}.loss: \"{}\" is neither mse nor mae", task, loss));
}

}  // namespace

std::unique_ptr<Task> make_regression(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, int64_t width) {
  check<UsageError>(!options.classes, "tasks.{}.classes: only for kind: classification", name);
  return std::make_unique<Regression>(name, options, field, width, loss_named(name, options.loss));
}

}  // namespace trunkline
