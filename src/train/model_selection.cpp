#include "trunkline/train/model_selection.hpp"

namespace trunkline {

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
  const EarlyStopOptions& stop = session.config.train.early_stop;
  check_choice(session.config.checkpoint.best, "checkpoint.best", *session.model);
  check_choice(stop.choice, "train.early_stop", *session.model);
  bool rows = stop.patience == 0;
  for (const auto& source : session.sources)
    rows |= source->rows(split_named(session.config.evaluate.split)) > 0;
  check<UsageError>(rows, "train.early_stop: no source has rows in split {}; see evaluate.split",
                    session.config.evaluate.split);
}

}  // namespace trunkline
