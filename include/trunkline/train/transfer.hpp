// Begins a run with parameters of another: trunk, stems and heads whose names and shapes fit.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/log.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/init_options.hpp"
#include "trunkline/train/multi_task_model.hpp"

namespace trunkline {

/// Where the parameters of a run came from; stored with it, so that it goes on without them.
struct Origin {
  std::string file;             ///< that was read
  std::optional<int64_t> step;  ///< of a checkpoint
};
nlohmann::json to_json(const Origin& origin);
Origin origin_from_json(const nlohmann::json& json);

/// A tensor of the model or, where it is left over, of the file.
struct TransferredTensor {
  std::string name;
  int64_t elements = 0;
};

/// What became of every tensor of the model and of the file. The same on every rank.
struct Transfer {
  Origin origin;
  std::vector<TransferredTensor> loaded, fresh, left_over;
};
nlohmann::json to_json(const Transfer& transfer);

/// One row per part and fate.
std::string format_transfer(const Transfer& transfer);

/// Fills the parameters that this rank holds from `options.from`, converted to the model's type,
/// each rank for itself; the others keep their values. What is read is only read. Collective.
/// @throws AgreedError: usage for a path that is none of the three, or a map of names that does not
///   fit; checkpoint for damaged files, another shape, or no common name
Transfer transfer_parameters(const InitOptions& options, MultiTaskModel& model, const Plan& plan,
                             Ranks& ranks, const Logger& logger);

}  // namespace trunkline
