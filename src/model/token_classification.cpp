#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>
#include <fmt/ranges.h>

#include "class_weights.hpp"
#include "classification_loss.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/model/head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/spans.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

// Classes of the labelled tokens of one row: those without a label are as if they were not there.
std::vector<int64_t> labelled(const std::vector<int64_t>& classes,
                              const std::vector<uint8_t>& valid, std::size_t begin,
                              std::size_t end) {
  std::vector<int64_t> kept;
  for (std::size_t i = begin; i < end; ++i)
    if (valid[i]) kept.push_back(classes[i]);
  return kept;
}

class TokenMetric final : public Metric {
 public:
  TokenMetric(ClassificationLoss loss, std::optional<SpanTags> tags)
      : loss_of_(std::move(loss)), tags_(std::move(tags)) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor logits = output.to(c10::kDouble);
    const Target tokens = by_element(target);
    loss_.add(loss_of_.sum(logits.flatten(0, 1), tokens).item<double>(),
              loss_of_.count(tokens).weight);
    const auto labels = to_vector<int64_t>(target.values);
    const auto predictions = to_vector<int64_t>(logits.argmax(2));
    const auto valid = to_vector<uint8_t>(target.valid);
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (valid[i]) accuracy_.add(labels[i] == predictions[i] ? 1.0 : 0.0, 1.0);
    if (!tags_) return;
    const auto length = static_cast<std::size_t>(target.values.size(1));
    for (std::size_t i = 0; i < labels.size(); i += length)
      spans_.add(tags_->spans(labelled(labels, valid, i, i + length)),
                 tags_->spans(labelled(predictions, valid, i, i + length)));
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    loss_.save(state);
    accuracy_.save(state);
    spans_.save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    loss_.merge(state);
    accuracy_.merge(state);
    spans_.merge(state);
  }

  std::vector<MetricValue> values() const override {
    std::vector<MetricValue> values = {{"loss", loss_.value()}, {"accuracy", accuracy_.value()}};
    if (tags_) values.push_back({"span_f1", spans_.f1()});
    return values;
  }

 private:
  ClassificationLoss loss_of_;
  std::optional<SpanTags> tags_;
  WeightedMean loss_, accuracy_;
  SpanScore spans_;
};

class TokenClassification final : public Task {
 public:
  TokenClassification(const std::string& name, const TaskOptions& options,
                      const FieldDescription& field, const TrunkShape& trunk, int64_t classes,
                      ClassificationLoss loss)
      : name_(name),
        classes_(classes),
        tags_(SpanTags::read(field.class_names)),
        loss_(std::move(loss)),
        labels_(name, options, field),
        head_(name, options.head, trunk, classes) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType) const override {
    return labels_.classes(batch, labels_.read(batch), classes_);
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return head_.forward(parameters, {trunk.tokens, {}, {}}, context);
  }

  Count count(const Target& target) const override { return loss_.count(by_element(target)); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return loss_.sum(output.flatten(0, 1), by_element(target));
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<TokenMetric>(loss_, tags_);
  }

  Prediction predict(const at::Tensor& output) const override {
    return {output.argmax(2), at::softmax(output, 2).amax(2)};
  }

 private:
  std::string name_, kind_ = "token_classification";
  int64_t classes_;
  std::optional<SpanTags> tags_;
  ClassificationLoss loss_;
  LabelReader labels_;
  Head head_;
};

void check_rows(const std::string& name, const FieldDescription& field, const TrunkShape& trunk) {
  check<UsageError>(trunk.tokens > 0,
                    "tasks.{}.kind: token_classification needs a trunk that gives tokens; use "
                    "trunk.kind: transformer",
                    name);
  check<DataError>(field.shape == std::vector<int64_t>{trunk.tokens},
                   "tasks.{}: {} has rows of shape ({}), but the trunk gives {} tokens per row; "
                   "expected one label per token",
                   name, field.name, fmt::join(field.shape, ", "), trunk.tokens);
}

}  // namespace

std::unique_ptr<Task> make_token_classification(const std::string& name, const TaskOptions& options,
                                                const FieldDescription& field,
                                                const TrunkShape& trunk,
                                                const ColumnStatistics& statistics) {
  check_rows(name, field, trunk);
  const int64_t classes = number_of_classes(name, options, field);
  const ClassificationLoss loss(options.loss,
                                class_factors(name, options.loss, field, classes, statistics));
  return std::make_unique<TokenClassification>(name, options, field, trunk, classes, loss);
}

}  // namespace trunkline
