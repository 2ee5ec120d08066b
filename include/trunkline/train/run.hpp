// A training run from its first step, or the one it was interrupted at, to its last.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "trunkline/core/log.hpp"
#include "trunkline/train/evaluator.hpp"
#include "trunkline/train/model_selection.hpp"
#include "trunkline/train/run_clock.hpp"
#include "trunkline/train/run_folder.hpp"
#include "trunkline/train/run_report.hpp"
#include "trunkline/train/run_saves.hpp"
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
  /// @param actions makes what is to happen around steps
  Run(const Config& config, const RunRequest& request, Ranks& ranks,
      const std::shared_ptr<IoThread>& io, const StepActionsMaker& actions = {});
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
  void restore();
  void transfer();
  void start();
  void announce();
  void loop();
  StepWishes wishes() const;
  bool evaluation_due() const;
  bool evaluate();  ///< @return whether it is the best evaluation so far
  RunState state();
  bool stopped_early() const { return selection_.early_stop().due() && !finished(); }
  bool finished() const { return step_ >= training_.duration().total_steps; }

  RunRequest request_;
  Ranks& ranks_;
  std::unique_ptr<RunFolder> folder_;  ///< rank 0
  Logger logger_;
  std::optional<Resumed> resumed_;
  TrainingSession training_;
  RunClock clock_;
  RunSaves saves_;
  RunReport report_;
  ModelSelection selection_;
  std::optional<Transfer> transfer_;  ///< of a run that begins with another's parameters
  std::optional<Origin> parent_;      ///< of those, also where the run goes on
  nlohmann::json start_report_;       ///< what was told before the first step
  int64_t step_ = 0;                  ///< steps done
  std::vector<OrderOrigin> origins_;  ///< of the sources' orders
  bool stopped_ = false;
  std::vector<std::optional<double>> last_losses_;
  std::vector<TaskMetrics> last_metrics_;
};

}  // namespace trunkline
