#include "trunkline/train/run_folder.hpp"

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "trunkline/core/error.hpp"
#include "trunkline/core/version.hpp"
#include "trunkline/store/file.hpp"

namespace trunkline {
namespace {

namespace fs = std::filesystem;

// A lock and a log may be left by a run that failed before it began; anything else is somebody's
// work.
bool has_content(const fs::path& folder) {
  const std::set<std::string> harmless = {"lock", "log.txt"};
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (!harmless.contains(entry.path().filename().string())) return true;
  return false;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "train.optimizer.lr: 0.001" for every scalar line of block-style YAML, so that a difference names
// its key.
std::map<std::string, std::string> flat_keys(const std::string& yaml) {
  std::map<std::string, std::string> keys;
  std::vector<std::pair<std::size_t, std::string>> path;
  for (const std::string& line : lines_of(yaml)) {
    const std::size_t indent = line.find_first_not_of(' ');
    const std::size_t colon = line.find(':');
    if (indent == std::string::npos || colon == std::string::npos) continue;
    while (!path.empty() && path.back().first >= indent) path.pop_back();
    path.emplace_back(indent, line.substr(indent, colon - indent));
    std::string name;
    for (const auto& [depth, part] : path) name += (name.empty() ? "" : ".") + part;
    if (colon + 2 < line.size()) keys[name] = line.substr(colon + 2);
  }
  return keys;
}

void tell_differences(const std::string& before, const std::string& now, const Logger& logger) {
  const auto old_keys = flat_keys(before), new_keys = flat_keys(now);
  for (const auto& [name, value] : new_keys) {
    const auto old = old_keys.find(name);
    if (old == old_keys.end() || old->second != value)
      logger->info("config: {} was {} and is now {}", name,
                   old == old_keys.end() ? "not set" : old->second, value);
  }
  for (const auto& [name, value] : old_keys)
    if (!new_keys.contains(name))
      logger->info("config: {} was {} and is no longer set", name, value);
}

}  // namespace

Config stored_config(const fs::path& run, const TaskKinds& task_kinds) {
  const fs::path file = run / "config.yaml";
  check<UsageError>(
      fs::is_regular_file(file),
      "{}: not a run folder (it has no config.yaml); give the folder that `trunkline train` wrote",
      run.string());
  const std::string here = nlohmann::json(run.string()).dump();  // the folder may have been moved
  return read_config(file.string(), {"run.dir=" + here}, task_kinds);
}

RunFolder::RunFolder(fs::path path, bool resume) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  check<CheckpointError>(!error && fs::is_directory(path_),
                         "{}: the run folder cannot be created: {}", path_.string(),
                         error ? error.message() : "it is not a folder");
  lock_ = std::make_unique<RunLock>(path_);
  check<UsageError>(
      resume || !has_content(path_),
      "{}: the run folder is not empty; use --resume to go on with it, or another run.dir",
      path_.string());
}

void RunFolder::write_config(const Config& config, const Logger& logger) const {
  const fs::path file = path_ / "config.yaml";
  const std::string now = to_yaml(config);
  if (fs::exists(file)) tell_differences(read_text(file), now, logger);
  write_file_durably(file, now);
}

void RunFolder::keep_module(const std::string& module, const Logger& logger) const {
  const fs::path own = path_ / kTrunkModule;
  if (module.empty() || fs::exists(own)) return;
  logger->warn(
      "{} is a TorchScript module, which is code that runs here: use only what you trust; the run "
      "keeps a copy, {}",
      module, own.string());
  write_file_durably(own, read_file(module, std::numeric_limits<int64_t>::max()));
}

void RunFolder::write_environment(const std::vector<std::string>& hosts, int threads,
                                  const std::vector<std::string>& cores) const {
  const nlohmann::json environment = {{"trunkline", kVersion},       {"compiler", __VERSION__},
                                      {"ranks", hosts.size()},       {"hosts", hosts},
                                      {"threads_per_rank", threads}, {"cores", cores}};
  write_file_durably(path_ / "environment.json", environment.dump(2) + "\n");
}

}  // namespace trunkline
