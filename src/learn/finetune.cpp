#include "trunkline/learn/finetune.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "trunkline/core/error.hpp"
#include "trunkline/store/safetensors.hpp"
#include "trunkline/train/run_folder.hpp"

namespace trunkline {
namespace {

namespace fs = std::filesystem;

// RUN, or RUN/checkpoints/step-00000050.
std::optional<fs::path> run_of(const fs::path& parent) {
  const fs::path absolute = fs::absolute(parent).lexically_normal();
  const fs::path folder = absolute.has_filename() ? absolute : absolute.parent_path();
  for (const fs::path& run : {folder, folder.parent_path().parent_path()})
    if (fs::is_directory(folder) && fs::is_regular_file(run / "config.yaml")) return run;
  return std::nullopt;
}

// The trunk that an exported file says it is of; a module's cannot be made without the module.
std::optional<TrunkOptions> trunk_of_file(const fs::path& file, const TaskKinds& task_kinds) {
  if (file.extension() != ".safetensors" || !fs::is_regular_file(file)) return std::nullopt;
  const File opened = File::open_for_reading(file);
  const SafetensorsHeader header = decode_header(read_header(opened), opened.size(), file.string());
  const auto text = header.metadata.find("config");
  if (text == header.metadata.end()) return std::nullopt;
  Config config;
  config.task_kinds = task_kinds;
  read_yaml_text(text->second, file.string() + ": config", {},
                 [&](Keys& keys) { describe(keys, config); });
  if (config.trunk.kind == "torchscript") return std::nullopt;
  return config.trunk;
}

std::optional<TrunkOptions> trunk_of(const fs::path& parent, const TaskKinds& task_kinds) {
  if (const std::optional<fs::path> run = run_of(parent))
    return stored_config(*run, task_kinds).trunk;
  return trunk_of_file(parent, task_kinds);
}

std::vector<std::string> lines_of(const TrunkOptions& options) {
  TrunkOptions copy = options;
  copy.dropout = 0.0;  // regularises; the function that was learned does not depend on it
  std::istringstream text(write_yaml([&](Keys& keys) { describe(keys, copy); }));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

// Same kinds have the same keys in the same order, and the kind comes first.
void check_same(const TrunkOptions& found, const TrunkOptions& expected, const fs::path& parent) {
  const std::vector<std::string> ours = lines_of(found), theirs = lines_of(expected);
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
    check<UsageError>(ours[i] == theirs[i],
                      "trunk.{}, but the trunk of {} has {}; leave the key out, or make it agree",
                      ours[i], parent.string(), theirs[i]);
  check<UsageError>(ours.size() == theirs.size(),
                    "trunk: the keys differ from those of {}; leave them out", parent.string());
}

}  // namespace

Config finetune_config(const fs::path& parent, const std::string& path,
                       const std::vector<std::string>& overrides, const TaskKinds& task_kinds) {
  std::vector<std::string> all = overrides;
  all.push_back("init.from=" + nlohmann::json(fs::absolute(parent).string()).dump());
  const std::optional<TrunkOptions> trunk = trunk_of(parent, task_kinds);
  if (!trunk) return read_config(path, all, task_kinds);
  Config config = read_config(path, all, task_kinds, *trunk);
  check_same(config.trunk, *trunk, parent);
  return config;
}

}  // namespace trunkline
