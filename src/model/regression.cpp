#include <ATen/ops/isfinite.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "regression_loss.hpp"
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

// A loss and the scale that it counts errors in.
class ScaledLoss {
 public:
  ScaledLoss(RegressionLoss loss, ColumnStatistics statistics)
      : loss_(std::move(loss)), statistics_(std::move(statistics)) {}

  int64_t outputs(int64_t columns) const { return loss_.outputs_per_column * columns; }
  bool standardizes() const { return !statistics_.empty(); }

  /// From the label's units (n, k).
  at::Tensor scaled(const at::Tensor& labels) const {
    return standardizes() ? standardize(labels, statistics_, 1) : labels;
  }

  at::Tensor sum(const at::Tensor& output, const Target& target) const {
    at::Tensor labels = target.values;
    if (standardizes()) labels = scaled(labels).masked_fill(target.valid.logical_not(), 0.0);
    return weighted_sum(loss_.elements(output, labels.to(output.scalar_type())), target);
  }

  /// In the label's units and the type of the output.
  Prediction predict(const at::Tensor& output) const {
    Prediction p = loss_.predict(output);
    if (!standardizes()) return p;
    p.prediction = in_units(p.prediction, restore_units);
    if (p.quantiles.defined()) p.quantiles = in_units(p.quantiles, restore_units);
    if (p.standard_deviation.defined())
      p.standard_deviation = in_units(p.standard_deviation, restore_scale);
    return p;
  }

 private:
  using Restore = at::Tensor (*)(const at::Tensor&, const ColumnStatistics&, int64_t);

  // In double: a mean far from zero would leave few digits of single precision for the rest.
  at::Tensor in_units(const at::Tensor& v, Restore restore) const {
    return restore(v.to(c10::kDouble), statistics_, 1).to(v.scalar_type());
  }

  RegressionLoss loss_;
  ColumnStatistics statistics_;  // empty: labels as they are
};

class RegressionMetric final : public Metric {
 public:
  RegressionMetric(int64_t columns, ScaledLoss loss)
      : loss_of_(std::move(loss)), columns_(static_cast<std::size_t>(columns)) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor wide = output.to(c10::kDouble);
    loss_.add(loss_of_.sum(wide, target).item<double>(), count_elements(target).weight);
    const auto predictions = to_vector<double>(loss_of_.predict(wide).prediction);
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
  ScaledLoss loss_of_;
  WeightedMean loss_;
  std::vector<RegressionErrors> columns_;
};

class Regression final : public Task {
 public:
  Regression(const std::string& name, const TaskOptions& options, const FieldDescription& field,
             const TrunkShape& trunk, ScaledLoss loss)
      : name_(name),
        field_(field),
        loss_(std::move(loss)),
        labels_(name, options, field),
        head_(name, options.head, trunk, loss_.outputs(field.row_elements())) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  // Labels that are to be standardised stay in double until they are.
  Target target(const Batch& batch, c10::ScalarType precision) const override {
    const Labels labels = labels_.read(batch);
    const at::Tensor values = scale_and_shift(labels.values, field_, /*axis=*/1);
    labels_.check(batch, labels, at::isfinite(loss_.scaled(values).to(precision)),
                  "expected a finite number");
    return entries_target(labels, loss_.standardizes() ? values : values.to(precision));
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return head_.forward(parameters, trunk, context);
  }

  Count count(const Target& target) const override { return count_elements(target); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return loss_.sum(output, target);
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<RegressionMetric>(labels_.columns(), loss_);
  }

  Prediction predict(const at::Tensor& output) const override { return loss_.predict(output); }

 private:
  std::string name_, kind_ = "regression";
  FieldDescription field_;
  ScaledLoss loss_;
  LabelReader labels_;
  Head head_;
};

}  // namespace

std::unique_ptr<Task> make_regression(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, const TrunkShape& trunk,
                                      const ColumnStatistics& statistics) {
  check<UsageError>(!options.classes, "tasks.{}.classes: only for kind: classification", name);
  const bool standardizes = options.loss.standardize;
  ensure(!standardizes || statistics.columns() == field.row_elements(),
         "a standardised regression without statistics of its labels");
  ScaledLoss loss(make_regression_loss(options.loss),
                  standardizes ? statistics : ColumnStatistics{});
  return std::make_unique<Regression>(name, options, field, trunk, std::move(loss));
}

}  // namespace trunkline
