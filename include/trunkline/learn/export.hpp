// A trained model as a file for other programs: safetensors, or a module that Python loads.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "trunkline/learn/trained_run.hpp"

namespace trunkline {

struct ExportRequest {
  std::filesystem::path run;
  std::string output;                 ///< FILE.safetensors or FILE.pt
  std::optional<std::string> task;    ///< absent: all tasks
  std::optional<int64_t> checkpoint;  ///< its step; absent: the best one, else the newest
  bool force = false;                 ///< replace the output
  TaskKinds task_kinds = standard_task_kinds();  ///< those that the run was trained with
};

/// FILE.safetensors: every parameter of the model, or of the trunk, the stem and the head of one
/// task; what the numbers belong to is in its metadata. Adapters are merged into the weights.
///
/// FILE.pt: TorchScript. forward(x) takes rows as the source's files hold them, of any number, does
/// what `predict` does, and gives a dictionary of what it writes: "prediction", "probability", …;
/// for all tasks of a run "TASK.prediction", …, where they are of one source. A run in bf16 is
/// exported in float32.
///
/// Collective; rank 0 writes, the file appears as a whole.
/// @return what was written and, for .pt, what the module expects and gives
/// @throws AgreedError: usage for a task, checkpoint or output that cannot be
nlohmann::json export_run(const ExportRequest& request, Ranks& ranks, const Logger& logger);

}  // namespace trunkline
