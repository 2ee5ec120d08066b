// What a run tells while it trains: metrics.jsonl, the progress line, the log.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/log.hpp"
#include "trunkline/report/metrics_file.hpp"
#include "trunkline/report/progress.hpp"
#include "trunkline/train/evaluator.hpp"
#include "trunkline/train/run_clock.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// Opened by rank 0; where it is not open it is silent. Not thread-safe. A metrics.jsonl that
/// cannot be written is a warning while the run goes on: its lines wait in memory.
/// @throws CheckpointError naming metrics.jsonl and the cause, from open and finish
class RunReport {
 public:
  RunReport(const TrainingSession& training, const RunClock& clock, Logger logger);

  /// Begins with the next step. @param step steps done @param offset bytes of RUN/metrics.jsonl to
  /// go on from
  void open(const std::filesystem::path& run, int64_t offset, int64_t step);

  /// The last evaluation that metrics.jsonl knows of, gates among the values.
  std::vector<TaskMetrics> last_evaluation() const;

  /// After a step: redraws the line, and adds to the file every now and then.
  void step(int64_t step, const StepOutcome& outcome);

  /// After an evaluation: every value goes to the file, a line per task to the log.
  void evaluation(int64_t step, const std::vector<TaskMetrics>& metrics);

  /// Brings metrics.jsonl up to date. @return its bytes, 0 where it is not open
  int64_t flush();

  /// Ends a redrawn line, and metrics.jsonl.
  void finish();

 private:
  /// What was done and spent when the file was last told.
  struct Speed {
    int64_t step = 0;
    double seconds = 0.0, waited = 0.0;
  };
  void record_losses(int64_t step, const StepOutcome& outcome);
  void record_speed(int64_t step);
  double epochs_seen(int64_t step, std::size_t source) const;
  std::string rows_seen(int64_t step) const;
  void warn_of_collapse(int64_t step, const std::string& split,
                        const std::vector<TaskMetrics>& metrics);
  void append(int64_t step, const std::string& split, const std::optional<std::string>& task,
              const std::string& metric, std::optional<double> value);
  void tell_problem();
  double epoch(int64_t step) const;

  const TrainingSession& training_;
  const RunClock& clock_;
  Logger logger_;
  std::filesystem::path path_;
  std::unique_ptr<MetricsFile> metrics_;
  std::unique_ptr<Progress> progress_;
  Speed recorded_;
  bool problem_told_ = false;
};

}  // namespace trunkline
