#include "trunkline/train/checkpoints.hpp"
#include "trunkline/train/gather.hpp"
#include "trunkline/train/run_state.hpp"

namespace trunkline {
namespace {

// Rank 0 reads and compares every block; the others take its word for the step. -1: none at all,
// -2: none is whole.
int64_t newest_whole_step(const std::filesystem::path& run, const Logger& logger) {
  bool damaged = false;
  const auto newest =
      open_newest_valid(run, [&](const CheckpointEntry&, const std::string& reason) {
        damaged = true;
        logger->warn("passing over a damaged checkpoint: {}", reason);
      });
  return newest ? newest->step() : damaged ? -2 : -1;
}

std::filesystem::path path_of(const std::filesystem::path& run, int64_t step) {
  for (const CheckpointEntry& entry : list_checkpoints(run))
    if (entry.step == step) return entry.path;
  throw CheckpointError(
      fmt::format("{}: the checkpoint of step {} is not visible on this rank; is the run folder on "
                  "a file system that all nodes share?",
                  run.string(), step));
}

}  // namespace

std::optional<CheckpointReader> newest_checkpoint(const std::filesystem::path& run, Ranks& ranks,
                                                  const Logger& logger) {
  int64_t step = -1;
  agree(ranks, [&] {
    if (ranks.rank() == 0) step = newest_whole_step(run, logger);
    check<CheckpointError>(
        step != -2,
        "{}/checkpoints: every checkpoint is damaged; `trunkline train` without --resume into "
        "another run.dir starts afresh",
        run.string());
  });
  step = gather_integer(ranks, step).front();
  if (step < 0) return std::nullopt;
  return open_checkpoint(run, step, ranks);
}

std::optional<CheckpointReader> best_checkpoint(const std::filesystem::path& run, Ranks& ranks,
                                                const Logger& logger) {
  std::optional<CheckpointReader> newest = newest_checkpoint(run, ranks, logger);
  if (!newest) return newest;
  std::optional<Best> best;
  agree(ranks, [&] { best = run_state_from_json(newest->state()).best; });
  if (!best || best->step == newest->step()) return newest;
  return open_checkpoint(run, best->step, ranks);
}

CheckpointReader open_checkpoint(const std::filesystem::path& run, int64_t step, Ranks& ranks) {
  std::optional<CheckpointReader> reader;
  agree(ranks, [&] { reader.emplace(path_of(run, step)); });
  return std::move(*reader);
}

}  // namespace trunkline
