// Which checkpoints of a run are opened, and which are kept.
#include "checkpoint_folder.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/store/checkpoint.hpp"

namespace trunkline {
namespace {

/// The committed name goes first, durably: a crash on the way leaves a leftover, never a part of a
/// checkpoint that looks whole.
void remove_checkpoint(const CheckpointEntry& entry) {
  const std::filesystem::path folder = entry.path.parent_path();
  const std::filesystem::path doomed = folder / partial_name(entry.step);
  remove_tree(doomed);
  rename_path(entry.path, doomed);
  sync_folder(folder);
  remove_tree(doomed);
}

}  // namespace

std::optional<CheckpointReader> open_newest_valid(
    const std::filesystem::path& run,
    const std::function<void(const CheckpointEntry&, const std::string& reason)>& on_bad) {
  std::vector<CheckpointEntry> entries = list_checkpoints(run);
  for (; !entries.empty(); entries.pop_back()) {
    try {
      CheckpointReader reader(entries.back().path);
      reader.verify();
      return reader;
    } catch (const CheckpointError& error) {
      on_bad(entries.back(), error.what());
    }
  }
  return std::nullopt;
}

void prune_checkpoints(const std::filesystem::path& run, int64_t keep,
                       std::optional<int64_t> best) {
  check<UsageError>(keep >= 1, "checkpoint.keep is {}; expected at least 1", keep);
  remove_leftovers(run);
  const std::vector<CheckpointEntry> entries = list_checkpoints(run);
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < entries.size(); ++i)
    if (entries[i].step != best) remove_checkpoint(entries[i]);
}

}  // namespace trunkline
