// Checkpoints on disk: written by all ranks, whole or absent, verified block by block. No MPI here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trunkline/store/file.hpp"
#include "trunkline/store/manifest.hpp"
#include "trunkline/store/safetensors.hpp"

namespace trunkline {

/// Files of a checkpoint ("model.safetensors", "optimizer.safetensors") and the tensors in each, in
/// file order.
using CheckpointLayout = std::map<std::string, std::vector<TensorLayout>>;

/// Tensors are hashed and dealt to ranks in blocks of this many bytes (the last one of a tensor may
/// be short).
constexpr int64_t kBlockBytes = 16 << 20;

/// XXH3-64 of one block of one tensor.
struct BlockHash {
  std::string file, tensor;
  int64_t block = 0;
  uint64_t hash = 0;
};

/// Number of blocks of a tensor; 0 if it is empty.
int64_t block_count(int64_t bytes, int64_t block_bytes = kBlockBytes);

/// Writes one checkpoint. Order of calls, with a barrier of the caller between the lines:
///   one rank:   create()                  temporary folder, headers, preallocated files
///   all ranks:  write(…)*, sync()         each writes the blocks that it owns
///   one rank:   commit(state, hashes)     state.json, manifest.json, fsync, rename, fsync
/// Until commit returns, the folder has a temporary name that no reader looks at. A failed save is
/// removed by discard() (one rank), or by the next create(). A checkpoint of the same step is
/// replaced as a whole. All failures are CheckpointErrors; after one, only discard() may follow.
/// A process whose file size is limited must ignore SIGXFSZ to get one instead of being killed.
/// One thread at a time.
class CheckpointWriter {
 public:
  /// @param layout  the same on every rank. @throws CheckpointError if it cannot be written
  /// @param block_bytes  the same on every rank
  CheckpointWriter(const std::filesystem::path& run, int64_t step, const CheckpointLayout& layout,
                   int64_t block_bytes = kBlockBytes);

  /// Also removes what failed saves left in the run, so no other save may be under way.
  void create();

  /// Writes blocks [first, last) of a tensor whose bytes are given whole. @return their hashes
  std::vector<BlockHash> write(const std::string& file, const std::string& tensor,
                               std::span<const std::byte> bytes, int64_t first_block,
                               int64_t last_block);

  /// Makes durable what this object has written.
  void sync();

  /// @param state   without NaN and infinities, which JSON turns into null
  /// @param hashes  of every block of every tensor once, in any order. @throws BugError otherwise
  void commit(const nlohmann::json& state, const std::vector<BlockHash>& hashes);

  void discard() noexcept;
  const std::filesystem::path& path() const { return final_; }  ///< RUN/checkpoints/step-00000050

 private:
  struct Plan {
    SafetensorsHeader header;
    std::string head;  ///< the header's bytes
  };
  File& file(const std::string& name);
  const Plan& plan(const std::string& name) const;
  Manifest manifest(const std::vector<BlockHash>& hashes) const;

  std::filesystem::path final_, temporary_;
  int64_t step_, block_bytes_;
  std::map<std::string, Plan> plans_;
  std::map<std::string, File> open_;
};

/// Reads one committed checkpoint. Safe from several threads. Keeps the files open, so that a
/// removal meanwhile does no harm.
class CheckpointReader {
 public:
  /// Checks the manifest against the files: names, sizes, headers, state. Hidden files (as network
  /// file systems make them) are passed over; any other file too many is refused.
  /// @throws CheckpointError naming file and cause
  explicit CheckpointReader(std::filesystem::path path);

  int64_t step() const { return manifest_.step; }
  const std::filesystem::path& path() const { return path_; }
  const nlohmann::json& state() const { return state_; }
  const CheckpointLayout& layout() const { return layout_; }

  /// Reads a tensor whole and compares every block's hash. @throws CheckpointError "FILE: tensor
  /// NAME, block 3: …"
  void read(const std::string& file, const std::string& tensor, std::span<std::byte> bytes) const;

  /// Reads and compares everything, one block in memory at a time. @throws CheckpointError
  void verify() const;

 private:
  struct OpenFile {
    File file;
    SafetensorsHeader header;
  };
  void open(const std::string& name, const FileRecord& record);
  void read_state();
  void check_folder() const;
  std::size_t block_size(const TensorPlace& place, int64_t block) const;
  void read_block(const std::string& name, const TensorPlace& place, int64_t block,
                  std::span<std::byte> bytes) const;

  std::filesystem::path path_;
  nlohmann::json state_;
  Manifest manifest_;
  CheckpointLayout layout_;
  std::map<std::string, OpenFile> files_;
};

struct CheckpointEntry {
  int64_t step = 0;
  std::filesystem::path path;
};

/// Committed checkpoints of a run, oldest first, by name: nothing in them has been checked.
std::vector<CheckpointEntry> list_checkpoints(const std::filesystem::path& run);

/// Opens the newest checkpoint that verifies completely. Calls on_bad, newest first, for each that
/// does not: the caller logs, and may move it away.
/// @return nothing if the run has no valid checkpoint
std::optional<CheckpointReader> open_newest_valid(
    const std::filesystem::path& run,
    const std::function<void(const CheckpointEntry&, const std::string& reason)>& on_bad);

/// Removes all but the newest `keep` (at least 1) and the one at step `best`, oldest first. Also
/// removes leftovers of failed saves, so no save may be under way. Meant to follow a successful
/// save: it does not check that the newest is valid.
void prune_checkpoints(const std::filesystem::path& run, int64_t keep, std::optional<int64_t> best);

}  // namespace trunkline
