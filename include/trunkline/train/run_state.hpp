// What state.json of a checkpoint says, beside the tensors.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/core/log.hpp"
#include "trunkline/data/loader.hpp"
#include "trunkline/train/early_stop.hpp"
#include "trunkline/train/session.hpp"
#include "trunkline/train/transfer.hpp"

namespace trunkline {

/// The checkpoint with the best value of checkpoint.best so far.
struct Best {
  int64_t step = 0;
  double value = 0.0;
};

/// A source as the run found it at its start: the order of its rows, and what it feeds to the
/// model.
struct SourceState {
  std::string name;
  OrderParameters order;
  OrderOrigin origin;
  int64_t batch = 0;
  uint64_t fingerprint = 0;
  FieldDescription input;
};

/// Choices that rest on measurements, kept by a run that goes on with as many ranks.
struct MeasuredChoices {
  int world_size = 0;
  Holders holders;  ///< ranks of each task
  bool overlap = false;
};

struct RunState {
  int64_t step = 0;  ///< steps done
  int64_t seed = 0;
  std::vector<SourceState> sources;
  OrderedMap<FieldDescription> targets;  ///< per task
  MeasuredChoices measured;
  DataStatistics statistics;
  std::optional<Origin> origin;  ///< of a run that began with another's parameters
  std::optional<Best> best;
  Patience patience;                                  ///< of train.early_stop
  nlohmann::json actions = nlohmann::json::object();  ///< states of step actions by name
  int64_t metrics_offset = 0;  ///< bytes of metrics.jsonl at the time of the save
};

nlohmann::json to_json(const RunState& state);

/// @throws CheckpointError where a member is missing or of the wrong type
RunState run_state_from_json(const nlohmann::json& json);

/// What a session says of itself: all but step, best, patience and offset. @param origins of the
/// sources' orders; empty: all at step 0
RunState state_of(const TrainingSession& training, const std::vector<OrderOrigin>& origins);

/// Resuming needs the same rows in the same order.
/// @param reshuffle let a source whose rows have changed begin a fresh epoch, with a warning
/// @return where the orders of the sources begin   @throws DataError naming both values where
/// something differs; UsageError for another seed
std::vector<OrderOrigin> resumed_origins(const RunState& stored, const Session& session,
                                         bool reshuffle, const Logger& logger);

}  // namespace trunkline
