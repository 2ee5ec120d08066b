// The checkpoints of a run: when one is due, what a failed one means, which old ones go.
#pragma once

#include <cstdint>

#include "trunkline/core/log.hpp"
#include "trunkline/train/checkpoints.hpp"
#include "trunkline/train/run_clock.hpp"
#include "trunkline/train/run_folder.hpp"
#include "trunkline/train/run_state.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// Saves and restores a session. Not thread-safe; save, try_save and restore are collective.
class RunSaves {
 public:
  /// @param folder null on ranks other than 0
  RunSaves(TrainingSession& training, const RunFolder* folder, RunClock& clock, Logger logger,
           Ranks& ranks);

  /// Fills model, optimizer and averages. @throws AgreedError (checkpoint)
  void restore(const CheckpointReader& reader, int64_t step);

  /// Whether the config or a rank's clock asks for one after this step.
  bool due(int64_t step, const StepOutcome& outcome) const;

  /// Writes a checkpoint and removes those that checkpoint.keep does not name.
  /// @throws AgreedError (checkpoint); the older checkpoints stay
  void save(const RunState& state);

  /// A full disk must not end a run that may yet be saved in time: warns, and throws as save does
  /// only after several failures in a row.
  void try_save(const RunState& state);

  /// The last step that is on disk; -1 before the first.
  int64_t last_step() const { return last_step_; }

 private:
  TrainingSession& training_;
  const RunFolder* folder_;
  RunClock& clock_;
  Logger logger_;
  Ranks& ranks_;
  Checkpoints checkpoints_;
  int64_t last_step_ = -1;
  int failures_ = 0;
};

}  // namespace trunkline
