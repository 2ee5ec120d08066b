// Saving and restoring a run with all of its ranks.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "trunkline/core/host_copy.hpp"
#include "trunkline/core/log.hpp"
#include "trunkline/optim/moving_average.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/store/checkpoint.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/multi_task_model.hpp"

namespace trunkline {

/// The parameters that a rank holds, on the host.
struct HostModel {
  std::vector<HostCopy> copies;  ///< of the flat storages
  std::vector<NamedView> views;  ///< into them
};

/// Writes model and optimizer of all ranks into one folder whose content does not depend on who
/// held what: trunk blocks are dealt to all ranks, a head or stem is written by its lowest holder.
/// Averages of parameters (train.ema) are a file of their own, of the same layout as the model, and
/// so are the tensors of step actions: a list that is the same on all ranks, with bytes where the
/// part of the model is held that a name begins with.
class Checkpoints {
 public:
  Checkpoints(std::filesystem::path run, const Config& config, const Plan& plan,
              MultiTaskModel& model, Ranks& ranks);

  /// Collective. @throws AgreedError (checkpoint) if any rank failed; the older checkpoints stay
  /// @param average null without train.ema
  void save(int64_t step, const nlohmann::json& state, Optimizer& optimizer, MovingAverage* average,
            const std::vector<NamedView>& actions = {});

  /// Collective: fills model, optimizer, averages and the actions' tensors with what this rank
  /// holds, to go on training. Averages that the checkpoint does not have begin as its parameters;
  /// where it has no tensors of actions, theirs stay as they are.
  /// @throws AgreedError (checkpoint) where a file is of another model or damaged
  void restore(const CheckpointReader& reader, Optimizer& optimizer, MovingAverage* average,
               const std::vector<NamedView>& actions = {});

  /// Collective: fills the model to be used: with averages where the checkpoint has them, else
  /// with parameters. @throws AgreedError (checkpoint) as above
  void load(const CheckpointReader& reader);

  /// All tensors of the run, on every rank the same.
  CheckpointLayout layout() const;

 private:
  std::vector<BlockHash> write_own(CheckpointWriter& writer, const std::vector<NamedView>& views,
                                   const std::string& file) const;
  void read(const CheckpointReader& reader, const std::string& file,
            const std::vector<TensorLayout>& expected, const std::vector<NamedView>& views) const;
  void read_model(const CheckpointReader& reader, const std::string& file) const;
  HostModel host_model() const;
  bool writes(const std::string& tensor, int64_t block) const;

  std::filesystem::path run_;
  OptimizerOptions optimizer_options_;
  FinetuneOptions finetune_;
  bool averages_;
  const Plan& plan_;
  MultiTaskModel& model_;
  Ranks& ranks_;
};

/// The newest checkpoint that is whole, agreed by all ranks; damaged ones are passed over with a
/// warning. Collective.
/// @return nullopt where the run has none at all
/// @throws AgreedError (checkpoint) where there are checkpoints and every one is damaged
std::optional<CheckpointReader> newest_checkpoint(const std::filesystem::path& run, Ranks& ranks,
                                                  const Logger& logger);

/// The checkpoint of a run that is used: the best where one was called so, else the newest that is
/// whole. Collective. @return and @throws as newest_checkpoint
std::optional<CheckpointReader> best_checkpoint(const std::filesystem::path& run, Ranks& ranks,
                                                const Logger& logger);

/// The checkpoint of one step. Collective. @throws AgreedError (checkpoint) where it is missing or
/// its files do not fit its manifest
CheckpointReader open_checkpoint(const std::filesystem::path& run, int64_t step, Ranks& ranks);

}  // namespace trunkline
