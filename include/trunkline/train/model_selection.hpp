// Which evaluation of a run was the best, and whether to wait for a better one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "trunkline/train/early_stop.hpp"
#include "trunkline/train/run_state.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// Follows checkpoint.best and train.early_stop. Every rank sees the same metrics and so decides
/// alike.
class ModelSelection {
 public:
  explicit ModelSelection(const Config& config)
      : choice_(config.checkpoint.best), early_stop_(config.train.early_stop) {}

  /// @return whether this evaluation is the best so far
  bool observe(int64_t step, const std::vector<TaskMetrics>& metrics);

  const std::optional<Best>& best() const { return best_; }
  const EarlyStop& early_stop() const { return early_stop_; }
  void restore(const RunState& state);

 private:
  MetricChoice choice_;
  std::optional<Best> best_;
  EarlyStop early_stop_;
};

/// Refuses choices that no evaluation could fulfil: a misspelt metric would never improve, and end
/// the run early. @throws UsageError naming the key
void check_selection(const Session& session);

/// A line for each source that evaluations leave out, for want of rows in their split.
void warn_of_unevaluated(const Session& session, const Logger& logger);

}  // namespace trunkline
