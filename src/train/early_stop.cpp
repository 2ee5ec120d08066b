#include "trunkline/train/early_stop.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace trunkline {
namespace {

constexpr std::array kErrors = {"loss", "mae", "mse", "rmse", "rel_error"};

bool larger_is_better(const MetricChoice& choice) {
  if (choice.mode != "auto") return choice.mode == "max";
  return std::ranges::find(kErrors, choice.metric) == kErrors.end();
}

}  // namespace

std::optional<double> chosen_value(const MetricChoice& choice,
                                   const std::vector<TaskMetrics>& metrics) {
  const std::optional<double> value = select_metric(metrics, choice.task, choice.metric);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool better(const MetricChoice& choice, double value, double than, double min_delta) {
  return larger_is_better(choice) ? value > than + min_delta : value < than - min_delta;
}

void check_choice(const MetricChoice& choice, const std::string& key, const MultiTaskModel& model) {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < model.size(); ++t) {
    if (choice.task != "mean" && choice.task != model.task(t).name()) continue;
    for (const MetricValue& value : model.task(t).metric()->values())
      if (std::ranges::find(names, value.name) == names.end()) names.push_back(value.name);
  }
  check<UsageError>(std::ranges::find(names, choice.metric) != names.end(),
                    "{}.metric: \"{}\" is none of the metrics that {} has: {}", key, choice.metric,
                    choice.task == "mean" ? "any task" : "task " + choice.task,
                    fmt::join(names, ", "));
}

void EarlyStop::observe(const std::vector<TaskMetrics>& metrics) {
  const std::optional<double> value = chosen_value(options_.choice, metrics);
  const bool improved = value && (!patience_.best || better(options_.choice, *value,
                                                            *patience_.best, options_.min_delta));
  if (improved) patience_.best = value;
  patience_.waited = improved ? 0 : patience_.waited + 1;
}

std::string EarlyStop::reason() const {
  const MetricChoice& choice = options_.choice;
  const std::string what =
      fmt::format("{} of {}", choice.metric, choice.task == "mean" ? "the tasks" : choice.task);
  if (!patience_.best) return fmt::format("{} was undefined {} times", what, patience_.waited);
  return fmt::format("{} has not improved on {:g} in {} evaluations", what, *patience_.best,
                     patience_.waited);
}

}  // namespace trunkline
