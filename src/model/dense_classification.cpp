#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include "class_weights.hpp"
#include "classification_loss.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/model/confusion_matrix.hpp"
#include "trunkline/model/dense_head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

// (n, classes, h, w) to (n * h * w, classes), in the order of by_element().
at::Tensor by_pixel(const at::Tensor& output) {
  return output.flatten(2).transpose(1, 2).flatten(0, 1);
}

class DenseClassMetric final : public Metric {
 public:
  DenseClassMetric(int64_t classes, ClassificationLoss loss)
      : loss_of_(std::move(loss)), counts_(classes) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor logits = by_pixel(output.to(c10::kDouble));
    const Target pixels = by_element(target);
    loss_.add(loss_of_.sum(logits, pixels).item<double>(), loss_of_.count(pixels).weight);
    const auto labels = to_vector<int64_t>(pixels.values);
    const auto predictions = to_vector<int64_t>(logits.argmax(1));
    const auto valid = to_vector<uint8_t>(pixels.valid);
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (valid[i]) counts_.add(labels[i], predictions[i]);
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    loss_.save(state);
    counts_.save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    loss_.merge(state);
    counts_.merge(state);
  }

  std::vector<MetricValue> values() const override {
    return {
        {"loss", loss_.value()}, {"accuracy", counts_.accuracy()}, {"miou", counts_.mean_iou()}};
  }

 private:
  ClassificationLoss loss_of_;
  WeightedMean loss_;
  ConfusionMatrix counts_;
};

class DenseClassification final : public Task {
 public:
  DenseClassification(const std::string& name, const TaskOptions& options,
                      const FieldDescription& field, const TrunkShape& trunk, int64_t classes,
                      ClassificationLoss loss)
      : name_(name),
        classes_(classes),
        loss_(std::move(loss)),
        labels_(name, options, field),
        head_(name, options.head, trunk, {field.shape[0], field.shape[1]}, classes) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType) const override {
    return labels_.classes(batch, labels_.read(batch), classes_);
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context&) const override {
    return head_.forward(parameters, trunk);
  }

  Count count(const Target& target) const override { return loss_.count(by_element(target)); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return loss_.sum(by_pixel(output), by_element(target));
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<DenseClassMetric>(classes_, loss_);
  }

  Prediction predict(const at::Tensor& output) const override {
    return {output.argmax(1), at::softmax(output, 1).amax(1)};
  }

 private:
  std::string name_, kind_ = "dense_classification";
  int64_t classes_;
  ClassificationLoss loss_;
  LabelReader labels_;
  DenseHead head_;
};

}  // namespace

std::unique_ptr<Task> make_dense_classification(const std::string& name, const TaskOptions& options,
                                                const FieldDescription& field,
                                                const TrunkShape& trunk,
                                                const ColumnStatistics& statistics) {
  check<DataError>(field.shape.size() == 2 && field.row_elements() > 0,
                   "tasks.{}: {} has rows of shape ({}); dense_classification expects one class "
                   "per pixel, rows of shape (height, width)",
                   name, field.name, fmt::join(field.shape, ", "));
  const int64_t classes = number_of_classes(name, options, field);
  const ClassificationLoss loss(options.loss,
                                class_factors(name, options.loss, field, classes, statistics));
  return std::make_unique<DenseClassification>(name, options, field, trunk, classes, loss);
}

}  // namespace trunkline
