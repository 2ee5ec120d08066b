// A training run from its first step, or the one it was interrupted at, to its last.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "trunkline/core/log.hpp"
#include "trunkline/report/metrics_file.hpp"
#include "trunkline/report/progress.hpp"
#include "trunkline/train/checkpoints.hpp"
#include "trunkline/train/early_stop.hpp"
#include "trunkline/train/evaluator.hpp"
#include "trunkline/train/run_clock.hpp"
#include "trunkline/train/run_folder.hpp"
#include "trunkline/train/run_state.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// What the command line asks of a run.
struct RunRequest {
  bool resume = false;
  bool reshuffle = false;   ///< resume although rows have changed
  bool check_only = false;  ///< stop before step 0, having told all that is known
  bool all_ranks_log = false;
};

/// One training run on one rank. Every public member is collective.
class Run {
 public:
  Run(Config config, const RunRequest& request, Ranks& ranks, std::shared_ptr<IoThread> io);
  ~Run();

  /// Trains to the end, or until a stop is asked for. @return kDone or kStopped
  /// @throws AgreedError, or an error of this rank alone
  ExitCode train();

  /// What a program may want to know afterwards: steps, last losses, last metrics, best. Rank 0's
  /// is complete.
  nlohmann::json summary() const;

 private:
  /// The checkpoint that a run goes on from.
  struct Resumed {
    CheckpointReader reader;
    RunState state;
  };
  static std::optional<Resumed> find_checkpoint(const Config& config, const RunRequest& request,
                                                Ranks& ranks, const Logger& logger);
  bool keeps_choices() const;
  LayoutWishes layout_wishes() const;
  void check_choices() const;
  void restore();
  void start();
  void announce() const;
  void loop();
  StepWishes wishes() const;
  void record_step(const StepOutcome& outcome);
  void record_speed();
  bool evaluation_due() const;
  void evaluate();
  void record_metrics(const std::vector<TaskMetrics>& metrics);
  bool save_due(const StepOutcome& outcome) const;
  void save();
  void try_save();
  void append(const std::string& split, const std::optional<std::string>& task,
              const std::string& metric, std::optional<double> value);
  double epoch() const;
  bool stopped_early() const { return early_stop_.due() && !finished(); }
  bool finished() const { return step_ >= training_.duration().total_steps; }

  RunRequest request_;
  Ranks& ranks_;
  std::unique_ptr<RunFolder> folder_;  ///< rank 0
  Logger logger_;
  std::optional<Resumed> resumed_;
  TrainingSession training_;
  Checkpoints checkpoints_;
  std::unique_ptr<MetricsFile> metrics_;  ///< rank 0
  std::unique_ptr<Progress> progress_;    ///< rank 0
  RunClock clock_;
  int64_t step_ = 0;  ///< steps done
  struct Speed {
    int64_t step = 0;
    double seconds = 0.0, waited = 0.0;
  };
  Speed recorded_;  ///< when metrics.jsonl was last told
  std::vector<OrderOrigin> origins_;  ///< of the sources' orders
  std::optional<Best> best_;
  EarlyStop early_stop_;
  int64_t saved_step_ = -1;
  int failed_saves_ = 0;
  bool stopped_ = false;
  std::vector<std::optional<double>> last_losses_;
  std::vector<TaskMetrics> last_metrics_;
};

}  // namespace trunkline
