#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include "class_weights.hpp"
#include "classification_loss.hpp"
#include "trunkline/model/confusion_matrix.hpp"
#include "trunkline/model/head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/roc_auc.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

class ClassificationMetric final : public Metric {
 public:
  ClassificationMetric(int64_t classes, ClassificationLoss loss)
      : loss_of_(std::move(loss)), confusion_(classes), binary_(classes == 2) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor logits = output.to(c10::kDouble);
    loss_.add(loss_of_.sum(logits, target).item<double>(), loss_of_.count(target).weight);
    const auto labels = to_vector<int64_t>(target.values);
    const auto predictions = to_vector<int64_t>(logits.argmax(1));
    const auto valid = to_vector<uint8_t>(target.valid);
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (valid[i]) confusion_.add(labels[i], predictions[i]);
    if (!binary_) return;
    const auto scores = to_vector<double>(logits.select(1, 1).sub(logits.select(1, 0)));
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (valid[i]) roc_auc_.add(scores[i], labels[i] == 1);
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    loss_.save(state);
    confusion_.save(state);
    roc_auc_.save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    loss_.merge(state);
    confusion_.merge(state);
    roc_auc_.merge(state);
  }

  std::vector<MetricValue> values() const override {
    std::vector<MetricValue> values = {{"loss", loss_.value()},
                                       {"accuracy", confusion_.accuracy()},
                                       {"macro_f1", confusion_.macro_f1()},
                                       {"balanced_accuracy", confusion_.balanced_accuracy()}};
    if (binary_) values.push_back({"roc_auc", roc_auc_.value()});
    return values;
  }

 private:
  ClassificationLoss loss_of_;
  WeightedMean loss_;
  ConfusionMatrix confusion_;
  RocAuc roc_auc_;  // stays empty unless there are two classes
  bool binary_;
};

class Classification final : public Task {
 public:
  Classification(const std::string& name, const TaskOptions& options, const FieldDescription& field,
                 const TrunkShape& trunk, int64_t classes, ClassificationLoss loss)
      : name_(name),
        classes_(classes),
        loss_(std::move(loss)),
        labels_(name, options, field),
        head_(name, options.head, trunk, classes) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType) const override {
    const Labels labels = labels_.read(batch);
    return labels_.columns() > 1 ? from_one_hot(batch, labels) : from_numbers(batch, labels);
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return head_.forward(parameters, trunk, context);
  }

  Count count(const Target& target) const override { return loss_.count(target); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return loss_.sum(output, target);
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<ClassificationMetric>(classes_, loss_);
  }

  Prediction predict(const at::Tensor& output) const override {
    return {output.argmax(1), at::softmax(output, 1)};
  }

 private:
  Target from_numbers(const Batch& batch, const Labels& labels) const {
    const Target entries = labels_.classes(batch, labels, classes_);
    return {entries.values.squeeze(1), entries.valid.squeeze(1), entries.weight};
  }

  Target from_one_hot(const Batch& batch, const Labels& labels) const {
    const at::Tensor& v = labels.values;
    const at::Tensor valid = labels.present.all(1);
    const at::Tensor bits = v.eq(0).logical_or(v.eq(1)).all(1);
    const at::Tensor good = bits.logical_and(v.sum(1).eq(1)).logical_or(valid.logical_not());
    labels_.check(batch, labels, good.unsqueeze(1), "expected one-hot rows with exactly one 1");
    const at::Tensor classes = v.eq(1).to(c10::kLong).argmax(1);
    return {at::where(valid, classes, at::zeros_like(classes)), valid, labels.weight};
  }

  std::string name_, kind_ = "classification";
  int64_t classes_;
  ClassificationLoss loss_;
  LabelReader labels_;
  Head head_;
};

}  // namespace

std::unique_ptr<Task> make_classification(const std::string& name, const TaskOptions& options,
                                          const FieldDescription& field, const TrunkShape& trunk,
                                          const ColumnStatistics& statistics) {
  const int64_t classes = number_of_classes(name, options, field);
  const ClassificationLoss loss(options.loss,
                                class_factors(name, options.loss, field, classes, statistics));
  return std::make_unique<Classification>(name, options, field, trunk, classes, loss);
}

}  // namespace trunkline
