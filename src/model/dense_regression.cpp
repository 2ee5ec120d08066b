#include <ATen/ops/isfinite.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include <cmath>

#include "regression_loss.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/model/dense_head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/scaling.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

// Channels, height and width, also of labels without an axis of channels.
std::vector<int64_t> map_shape(const FieldDescription& field) {
  std::vector<int64_t> shape = field.shape;
  if (shape.size() == 2) shape.insert(shape.begin(), 1);
  return shape;
}

at::Tensor loss_sum_of(const RegressionLoss& loss, const at::Tensor& output, const Target& target) {
  const at::Tensor labels = target.values.to(output.scalar_type());
  return weighted_sum(loss.elements(output.flatten(1), labels), target);
}

class DenseErrors final : public Metric {
 public:
  explicit DenseErrors(RegressionLoss loss) : loss_of_(std::move(loss)) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor wide = output.to(c10::kDouble), labels = target.values.to(c10::kDouble);
    loss_.add(loss_sum_of(loss_of_, wide, target).item<double>(), count_elements(target).weight);
    const at::Tensor error = wide.flatten(1).sub(labels).abs();
    const at::Tensor related = target.valid.logical_and(labels.ne(0));
    add_mean(absolute_, error, target.valid);
    add_mean(squared_, error.square(), target.valid);
    add_mean(relative_, error.div(labels.abs()), related);
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    for (const WeightedMean* mean : {&loss_, &absolute_, &squared_, &relative_}) mean->save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    for (WeightedMean* mean : {&loss_, &absolute_, &squared_, &relative_}) mean->merge(state);
  }

  std::vector<MetricValue> values() const override {
    std::optional<double> rmse = squared_.value();
    if (rmse) rmse = std::sqrt(*rmse);
    return {{"loss", loss_.value()},
            {"mae", absolute_.value()},
            {"rmse", rmse},
            {"rel_error", relative_.value()}};
  }

 private:
  static void add_mean(WeightedMean& mean, const at::Tensor& values, const at::Tensor& counted) {
    mean.add(values.masked_fill(counted.logical_not(), 0.0).sum().item<double>(),
             static_cast<double>(counted.sum().item<int64_t>()));
  }

  RegressionLoss loss_of_;
  WeightedMean loss_, absolute_, squared_, relative_;
};

class DenseRegression final : public Task {
 public:
  DenseRegression(const std::string& name, const TaskOptions& options,
                  const FieldDescription& field, const TrunkShape& trunk)
      : name_(name),
        field_(field),
        shape_(map_shape(field)),
        loss_(make_regression_loss(options.loss)),
        labels_(name, options, field),
        head_(name, options.head, trunk, {shape_[1], shape_[2]}, shape_[0]) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType precision) const override {
    const Labels labels = labels_.read(batch);
    const at::Tensor maps = labels.values.unflatten(1, shape_);
    const at::Tensor values = scale_and_shift(maps, field_, /*axis=*/1).flatten(1).to(precision);
    labels_.check(batch, labels, at::isfinite(values), "expected a finite number");
    return entries_target(labels, values);
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context&) const override {
    return head_.forward(parameters, trunk);
  }

  Count count(const Target& target) const override { return count_elements(target); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return loss_sum_of(loss_, output, target);
  }

  std::unique_ptr<Metric> metric() const override { return std::make_unique<DenseErrors>(loss_); }

  Prediction predict(const at::Tensor& output) const override {
    return {field_.shape.size() == 2 ? output.squeeze(1) : output};
  }

 private:
  std::string name_, kind_ = "dense_regression";
  FieldDescription field_;
  std::vector<int64_t> shape_;  // channels, height, width
  RegressionLoss loss_;
  LabelReader labels_;
  DenseHead head_;
};

}  // namespace

std::unique_ptr<Task> make_dense_regression(const std::string& name, const TaskOptions& options,
                                            const FieldDescription& field, const TrunkShape& trunk,
                                            const ColumnStatistics&) {
  const std::size_t axes = field.shape.size();
  check<DataError>((axes == 2 || axes == 3) && field.row_elements() > 0,
                   "tasks.{}: {} has rows of shape ({}); dense_regression expects numbers per "
                   "pixel, rows of shape (height, width) or (channels, height, width)",
                   name, field.name, fmt::join(field.shape, ", "));
  check<UsageError>(!options.classes, "tasks.{}.classes: only for kind: classification", name);
  return std::make_unique<DenseRegression>(name, options, field, trunk);
}

}  // namespace trunkline
