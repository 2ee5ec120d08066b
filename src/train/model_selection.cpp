#include "trunkline/train/model_selection.hpp"

#include <fmt/ranges.h>

#include "trunkline/train/sources.hpp"

namespace trunkline {
namespace {

// Whether an evaluation has rows of any task that is chosen.
bool evaluated(const MetricChoice& choice, const Session& session) {
  const Split split = split_named(session.config.evaluate.split);
  const std::vector<std::size_t> sources = task_sources(session.config);
  for (std::size_t t = 0; t < sources.size(); ++t)
    if ((choice.task == "mean" || choice.task == session.config.tasks[t].first) &&
        session.sources[sources[t]]->rows(split) > 0)
      return true;
  return false;
}

void check_rows(const MetricChoice& choice, const std::string& key, const Session& session) {
  const bool mean = choice.task == "mean";
  check<UsageError>(evaluated(choice, session),
                    "{}: {} rows in split {}; set evaluate.split, or sources.NAME.{} to a "
                    "share of the rows, such as 0.1",
                    key, mean ? "no task has" : "the source of task " + choice.task + " has no",
                    session.config.evaluate.split, session.config.evaluate.split);
}

}  // namespace

bool ModelSelection::observe(int64_t step, const std::vector<TaskMetrics>& metrics) {
  early_stop_.observe(metrics);
  const std::optional<double> value = chosen_value(choice_, metrics);
  const bool improved = value && (!best_ || better(choice_, *value, best_->value));
  if (improved) best_ = Best{step, *value};
  return improved;
}

void ModelSelection::restore(const RunState& state) {
  best_ = state.best;
  early_stop_.restore(state.patience);
}

void check_selection(const Session& session) {
  const MetricChoice& best = session.config.checkpoint.best;
  const EarlyStopOptions& stop = session.config.train.early_stop;
  check_choice(best, "checkpoint.best", *session.model);
  check_choice(stop.choice, "train.early_stop", *session.model);
  if (best.task != "mean") check_rows(best, "checkpoint.best", session);
  if (stop.patience > 0) check_rows(stop.choice, "train.early_stop", session);
}

void warn_of_unevaluated(const Session& session, const Logger& logger) {
  const std::string& split = session.config.evaluate.split;
  const std::vector<std::size_t> sources = task_sources(session.config);
  for (std::size_t s = 0; s < session.sources.size(); ++s) {
    if (session.sources[s]->rows(split_named(split)) > 0) continue;
    std::vector<std::string> tasks;
    for (std::size_t t = 0; t < sources.size(); ++t)
      if (sources[t] == s) tasks.push_back(session.config.tasks[t].first);
    const std::string& name = session.config.sources[s].first;
    logger->warn(
        "source {0} has no rows in split {1}, so nothing says how good {2} {3}; set "
        "sources.{0}.{1} to a share of the rows, such as 0.1, or evaluate.split",
        name, split, fmt::join(tasks, ", "), tasks.size() == 1 ? "is" : "are");
  }
}

}  // namespace trunkline
