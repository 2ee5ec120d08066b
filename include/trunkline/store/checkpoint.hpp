// Checkpoints on disk: written by all ranks, whole or absent, verified block by block. No MPI here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trunkline/core/dtype.hpp"

namespace trunkline {

/// A tensor of a file, as every rank knows it before anything is written.
struct TensorLayout {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
};

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

/// Writes one checkpoint. Order of calls, with a barrier of the caller between the lines:
///   one rank:   create()                  temporary folder, headers, preallocated files
///   all ranks:  write(…)*, sync()         each writes the blocks that it owns
///   one rank:   commit(state, hashes)     state.json, manifest.json, fsync, rename, fsync of the
///   parent
/// Until commit returns, the folder has a temporary name that no reader looks at. A failed save is
/// removed by discard() (one rank), or by the next create().
class CheckpointWriter {
 public:
  CheckpointWriter(std::filesystem::path run, int64_t step, CheckpointLayout layout);
  void create();
  /// Writes blocks [first, last) of a tensor whose bytes are given whole. @return their hashes
  std::vector<BlockHash> write(const std::string& file, const std::string& tensor,
                               std::span<const std::byte> bytes, int64_t first_block,
                               int64_t last_block);
  void sync();
  void commit(const nlohmann::json& state, const std::vector<BlockHash>& hashes);
  void discard() noexcept;
  const std::filesystem::path& path() const { return final_; }  ///< RUN/checkpoints/step-00000050

 private:
  std::filesystem::path final_, temporary_;
  CheckpointLayout layout_;
};

int64_t block_count(int64_t bytes);

/// Reads one committed checkpoint. Safe from several threads.
class CheckpointReader {
 public:
  /// Checks the manifest against the files: names, sizes, headers. @throws CheckpointError naming
  /// file and cause
  explicit CheckpointReader(std::filesystem::path path);

  const nlohmann::json& state() const { return state_; }
  const CheckpointLayout& layout() const { return layout_; }

  /// Reads a tensor whole and compares every block's hash. @throws CheckpointError "FILE: tensor
  /// NAME, block 3: …"
  void read(const std::string& file, const std::string& tensor, std::span<std::byte> bytes) const;

  /// Reads and compares everything. @throws CheckpointError
  void verify() const;

 private:
  std::filesystem::path path_;
  nlohmann::json state_, manifest_;
  CheckpointLayout layout_;
};

struct CheckpointEntry {
  int64_t step = 0;
  std::filesystem::path path;
};

/// Committed checkpoints of a run, oldest first.
std::vector<CheckpointEntry> list_checkpoints(const std::filesystem::path& run);

/// Removes all but the newest `keep` (at least 1) and the one at step `best`. Also removes
/// leftovers of failed saves.
void prune_checkpoints(const std::filesystem::path& run, int64_t keep, std::optional<int64_t> best);

}  // namespace trunkline
