// A finished or interrupted run, opened to use its model.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "trunkline/core/log.hpp"
#include "trunkline/train/checkpoints.hpp"
#include "trunkline/train/multi_task_model.hpp"
#include "trunkline/train/run_state.hpp"

namespace trunkline {

/// The config of RUN and the state of its best checkpoint, or of its newest where none was called
/// the best.
struct TrainedRun {
  Config config;
  RunState state;
  CheckpointReader reader;
  /// What a source fed to the model. @throws CheckpointError for a source that the run did not have
  const FieldDescription& input(const std::string& source) const;
  /// Number of a task; an empty name is that of the only one. @throws UsageError for one that the
  /// run does not have
  std::size_t task(const std::string& name) const;
  ModelDescription description() const;  ///< from the checkpoint: the training data may be gone
};

/// Collective. @param task_kinds those that the run was trained with
/// @param step of the checkpoint; absent: the best one, else the newest
/// @throws AgreedError: usage where RUN is no run folder, checkpoint where there is none
TrainedRun open_run(const std::filesystem::path& run, Ranks& ranks, const Logger& logger,
                    const TaskKinds& task_kinds = standard_task_kinds(),
                    std::optional<int64_t> step = {});

/// Every rank holds every task, whatever the layout of the run was: the plan for using a model.
Plan whole_plan(const Config& config, const Ranks& ranks);

/// A model with the parameters of the run, or their averages where it was trained with train.ema.
/// Collective.
std::unique_ptr<MultiTaskModel> load_model(const TrainedRun& run, const Plan& plan, Ranks& ranks);

/// The same function without adapters: those that were trained are merged into the weights.
/// Collective.
std::unique_ptr<MultiTaskModel> load_merged_model(const TrainedRun& run, const Plan& plan,
                                                  Ranks& ranks);

}  // namespace trunkline
