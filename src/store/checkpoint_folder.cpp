#include "checkpoint_folder.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "system_error.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/store/checkpoint.hpp"

namespace trunkline {
namespace {

constexpr std::string_view kReplaced = ".replaced";

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error), end;
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) throw_system_error(folder, "list the folder", error.value());
  return names;
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool is_leftover(const std::filesystem::path& folder, std::string_view name) {
  if (name.starts_with(".step-") && name.ends_with(".partial")) return true;
  const std::optional<int64_t> replaced = step_of(name, kReplaced);
  return replaced && is_there(folder / step_name(*replaced));
}

}  // namespace

std::filesystem::path checkpoint_folder(const std::filesystem::path& run) {
  return run / "checkpoints";
}

std::string step_name(int64_t step) { return fmt::format("step-{:08d}", step); }
std::string replaced_name(int64_t step) { return step_name(step).append(kReplaced); }
std::string partial_name(int64_t step) { return fmt::format(".{}.partial", step_name(step)); }

std::optional<int64_t> step_of(std::string_view name, std::string_view suffix) {
  constexpr std::string_view kPrefix = "step-";
  if (!name.starts_with(kPrefix) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  int64_t step = 0;
  std::from_chars(name.data() + std::min(kPrefix.size(), name.size()), name.data() + name.size(),
                  step);
  if (step < 0 || step_name(step) != name) return std::nullopt;
  return step;
}

void remove_leftovers(const std::filesystem::path& run) {
  const std::filesystem::path folder = checkpoint_folder(run);
  for (const std::string& name : names_in(folder))
    if (is_leftover(folder, name)) remove_tree(folder / name);
}

std::vector<CheckpointEntry> list_checkpoints(const std::filesystem::path& run) {
  const std::filesystem::path folder = checkpoint_folder(run);
  std::map<int64_t, std::filesystem::path> steps;
  for (const std::string& name : names_in(folder)) {
    if (const auto step = step_of(name)) steps[*step] = folder / name;
    if (const auto step = step_of(name, kReplaced)) steps.emplace(*step, folder / name);
  }
  std::vector<CheckpointEntry> entries;
  for (const auto& [step, path] : steps) entries.push_back({step, path});
  return entries;
}

}  // namespace trunkline
