// From a trained model and a config of new tasks to the config of a run that trains it on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trunkline/train/config.hpp"

namespace trunkline {

/// The config as read_config() reads it, with `init.from` the parent. Keys of `trunk:` that it does
/// not give are those of the parent; those that it gives must agree with them, but for dropout. A
/// safetensors file knows its trunk if `export` wrote it; of others the config says what it is.
/// @param parent run folder, checkpoint folder or safetensors file; only read
/// @throws UsageError as read_config, or where the trunks differ
Config finetune_config(const std::filesystem::path& parent, const std::string& path,
                       const std::vector<std::string>& overrides,
                       const TaskKinds& task_kinds = standard_task_kinds());

}  // namespace trunkline
