#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include "class_weights.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/model/head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/roc_auc.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

class MultilabelMetric final : public Metric {
 public:
  MultilabelMetric(int64_t columns, at::Tensor positive_factors)
      : positive_factors_(std::move(positive_factors)),
        roc_auc_(static_cast<std::size_t>(columns)) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor logits = output.to(c10::kDouble);
    loss_.add(binary_cross_entropy_sum(logits, target, positive_factors_).item<double>(),
              count_elements(target).weight);
    const auto scores = to_vector<double>(logits);
    const auto labels = to_vector<double>(target.values);
    const auto valid = to_vector<uint8_t>(target.valid);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!valid[i]) continue;
      const bool positive = labels[i] == 1.0;
      roc_auc_[i % roc_auc_.size()].add(scores[i], positive);
      accuracy_.add((scores[i] > 0.0) == positive ? 1.0 : 0.0, 1.0);
    }
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    loss_.save(state);
    accuracy_.save(state);
    for (const RocAuc& column : roc_auc_) column.save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    loss_.merge(state);
    accuracy_.merge(state);
    for (RocAuc& column : roc_auc_) column.merge(state);
  }

  std::vector<MetricValue> values() const override {
    WeightedMean mean;
    for (const RocAuc& column : roc_auc_)
      if (const auto value = column.value()) mean.add(*value, 1.0);
    return {{"loss", loss_.value()}, {"accuracy", accuracy_.value()}, {"roc_auc", mean.value()}};
  }

 private:
  at::Tensor positive_factors_;
  WeightedMean loss_, accuracy_;
  std::vector<RocAuc> roc_auc_;  // one per column
};

class Multilabel final : public Task {
 public:
  Multilabel(const std::string& name, const TaskOptions& options, const FieldDescription& field,
             const TrunkShape& trunk, const std::vector<double>& positive_factors)
      : name_(name),
        labels_(name, options, field),
        head_(name, options.head, trunk, field.row_elements()) {
    if (!positive_factors.empty())
      positive_factors_ = at::tensor(positive_factors, c10::TensorOptions(c10::kDouble));
  }

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType precision) const override {
    const Labels labels = labels_.read(batch);
    const at::Tensor& v = labels.values;
    labels_.check(batch, labels, v.eq(0).logical_or(v.eq(1)), "expected 0 or 1");
    return entries_target(labels, v.to(precision));
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return head_.forward(parameters, trunk, context);
  }

  Count count(const Target& target) const override { return count_elements(target); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return binary_cross_entropy_sum(output, target, positive_factors_);
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<MultilabelMetric>(labels_.columns(), positive_factors_);
  }

  Prediction predict(const at::Tensor& output) const override {
    return {output.gt(0).to(c10::kByte), at::sigmoid(output)};
  }

 private:
  std::string name_, kind_ = "multilabel";
  at::Tensor positive_factors_;  // float64 (k); undefined: 1 each
  LabelReader labels_;
  Head head_;
};

}  // namespace

std::unique_ptr<Task> make_multilabel(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, const TrunkShape& trunk,
                                      const ColumnStatistics& statistics) {
  check<UsageError>(!options.classes, "tasks.{}.classes: only for kind: classification", name);
  return std::make_unique<Multilabel>(name, options, field, trunk,
                                      positive_factors(name, options.loss, field, statistics));
}

}  // namespace trunkline
