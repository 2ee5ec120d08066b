// Whether an evaluation is better than the best so far, and when to stop waiting for one that is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trunkline/train/config.hpp"
#include "trunkline/train/evaluator.hpp"

namespace trunkline {

/// The value that counts; nullopt where it is undefined or not finite.
std::optional<double> chosen_value(const MetricChoice& choice,
                                   const std::vector<TaskMetrics>& metrics);

/// Whether a value beats another by more than min_delta.
bool better(const MetricChoice& choice, double value, double than, double min_delta = 0.0);

/// Refuses a metric that no chosen task has. @param key section of the config, for the message
/// @throws UsageError that names the metrics there are
void check_choice(const MetricChoice& choice, const std::string& key, const MultiTaskModel& model);

/// What early stopping remembers; part of a run's state.
struct Patience {
  std::optional<double> best;
  int64_t waited = 0;  ///< evaluations since the best
};

/// Counts evaluations without improvement (Prechelt 1998). Every rank sees the same metrics and so
/// decides alike. An undefined value is no improvement.
class EarlyStop {
 public:
  explicit EarlyStop(EarlyStopOptions options) : options_(std::move(options)) {}

  void observe(const std::vector<TaskMetrics>& metrics);
  bool due() const { return options_.patience > 0 && patience_.waited >= options_.patience; }

  /// One line that says why, for the log.
  std::string reason() const;

  const Patience& patience() const { return patience_; }
  void restore(const Patience& patience) { patience_ = patience; }

 private:
  EarlyStopOptions options_;
  Patience patience_;
};

}  // namespace trunkline
