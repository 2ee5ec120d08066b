#include "trunkline/model/loss_options.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using Names = std::vector<std::string>;

const char* const kBalanced = "balanced";

// Of rows, of tokens or of pixels.
bool is_classification(const std::string& task_kind) {
  return task_kind == "classification" || task_kind == "token_classification" ||
         task_kind == "dense_classification";
}

Names losses_of(const std::string& task_kind) {
  const Names classification = {"cross_entropy", "focal"};
  const Names regression = {"mse", "mae", "huber", "quantile", "gaussian"};
  if (is_classification(task_kind)) return classification;
  if (task_kind == "regression") return regression;
  if (task_kind == "dense_regression") return {"mse", "mae", "huber"};
  if (task_kind == "reconstruction") return {"mse", "bce"};
  Names all;
  if (task_kind.empty()) {
    all = classification;
    all.insert(all.end(), regression.begin(), regression.end());
  }
  return all;
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<double> positive_number(const std::string& text) {
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  const bool good = error == std::errc() && parsed == end && std::isfinite(value) && value > 0.0;
  return good ? std::optional(value) : std::nullopt;
}

bool are_quantiles(const std::vector<double>& levels) {
  double last = 0.0;
  for (const double level : levels) {
    if (!(level > last && level < 1.0)) return false;
    last = level;
  }
  return !levels.empty();
}

// The first entry that is no positive number, as a message.
std::optional<std::string> bad_class_weight(const LossOptions& o) {
  if (balances_classes(o)) return std::nullopt;
  for (const std::string& text : o.class_weights) {
    if (positive_number(text)) continue;
    if (nearest(text, {kBalanced}))
      return fmt::format("\"{}\" is no positive number; did you mean \"{}\"?", text, kBalanced);
    return fmt::format("\"{}\" is no positive number; give one per class, or {}", text, kBalanced);
  }
  return std::nullopt;
}

}  // namespace

void describe(Keys& keys, LossOptions& o, const std::string& task_kind) {
  const bool any = task_kind.empty();
  const bool classification = any || is_classification(task_kind);
  const bool regression = any || task_kind == "regression";
  const bool has_loss = !losses_of(task_kind).empty();
  keys.choice(
      "loss", o.kind, losses_of(task_kind),
      "classification: cross_entropy (default) or focal; regression: mse (default), mae, "
      "huber, quantile, or gaussian, which predicts a standard deviation too; dense_regression: "
      "mse (default), mae or huber; reconstruction: mse (default), or bce for inputs between 0 and "
      "1",
      {.when = has_loss, .when_text = "kind: classification, regression or reconstruction"});
  keys.value("focal_gamma", o.focal_gamma,
             "how much the focal loss turns away from what is right already",
             {.min = 0, .when = o.kind == "focal", .when_text = "loss: focal"});
  keys.value(
      "huber_delta", o.huber_delta,
      "error up to which the Huber loss is quadratic; with standardize in deviations",
      {.min = 0, .exclusive_min = true, .when = o.kind == "huber", .when_text = "loss: huber"});
  keys.value("quantiles", o.quantiles, "what is predicted, ascending, e.g. [0.1, 0.5, 0.9]",
             {.required = true, .when = o.kind == "quantile", .when_text = "loss: quantile"});
  if (o.kind == "quantile" && !are_quantiles(o.quantiles))
    keys.reject("quantiles", "ascending numbers between 0 and 1 expected");
  keys.value("label_smoothing", o.label_smoothing,
             "share of each label that is spread evenly over all classes",
             {.min = 0,
              .max = 1,
              .when = classification && o.kind != "focal",
              .when_text = "loss: cross_entropy"});
  if (o.label_smoothing >= 1.0) keys.reject("label_smoothing", "must be below 1");
  keys.value("class_weights", o.class_weights,
             "factor of each class, or in a multilabel of each column's positives: a list, or "
             "balanced, which takes them from the training labels",
             {.when = classification || task_kind == "multilabel",
              .when_text = "kind: classification or multilabel"});
  if (const auto problem = bad_class_weight(o)) keys.reject("class_weights", *problem);
  keys.value("standardize", o.standardize,
             "count errors in deviations of the training labels from their mean, per column; "
             "metrics and predictions keep the label's units",
             {.when = regression, .when_text = "kind: regression"});
}

void check_loss_options(const std::string& task, const LossOptions& o,
                        const std::string& task_kind) {
  const bool classification = is_classification(task_kind);
  const bool regression = task_kind == "regression";
  check<UsageError>(o.kind.empty() || contains(losses_of(task_kind), o.kind),
                    "tasks.{}.loss: \"{}\" is for {}, this task is a {}", task, o.kind,
                    contains(losses_of("regression"), o.kind) ? "regression" : "classification",
                    task_kind);
  const auto belongs = [&](bool fits, const char* key, const char* kind) {
    check<UsageError>(fits, "tasks.{}.{}: only for kind: {}, this task is a {}", task, key, kind,
                      task_kind);
  };
  belongs(classification || o.label_smoothing == 0.0, "label_smoothing", "classification");
  belongs(!(regression || task_kind == "dense_regression") || o.class_weights.empty(),
          "class_weights", "classification or multilabel");
  belongs(regression || !o.standardize, "standardize", "regression");
  check<UsageError>(o.kind != "quantile" || are_quantiles(o.quantiles),
                    "tasks.{}.quantiles: ascending numbers between 0 and 1 expected", task);
}

bool balances_classes(const LossOptions& options) {
  return options.class_weights.size() == 1 && options.class_weights[0] == kBalanced;
}

bool needs_label_statistics(const LossOptions& options) {
  return options.standardize || balances_classes(options);
}

std::vector<double> class_weight_numbers(const std::string& task, const LossOptions& options) {
  const auto problem = bad_class_weight(options);
  check<UsageError>(!problem, "tasks.{}.class_weights: {}", task, problem.value_or(""));
  std::vector<double> numbers;
  for (const std::string& text : options.class_weights)
    numbers.push_back(positive_number(text).value_or(0.0));
  return numbers;
}

}  // namespace trunkline
