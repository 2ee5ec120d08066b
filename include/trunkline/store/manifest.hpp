// What a checkpoint's manifest.json says: every file, its size, and the hashes of its content.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline {

/// One safetensors file of a checkpoint.
struct FileRecord {
  int64_t bytes = 0;
  int64_t header_bytes = 0;
  uint64_t header_hash = 0;
  std::map<std::string, std::vector<uint64_t>> blocks =
      {};  ///< XXH3-64 of each block of each tensor
};

struct Manifest {
  int64_t step = 0;
  int64_t block_bytes = 0;
  std::map<std::string, FileRecord> files = {};
  int64_t state_bytes = 0;  ///< of state.json
  uint64_t state_hash = 0;
};

/// The text of manifest.json. Its last entry is the hash of all that comes before, so that the
/// manifest vouches for itself as well.
std::string write_manifest(const Manifest& manifest);

/// @throws CheckpointError for a changed byte, another version, an entry that is missing or out of
/// range, or a file name that is not a plain one ("../x", "a/b", ".x")
Manifest read_manifest(std::string_view text);

/// Whether a checkpoint may have a tensor file of this name.
bool is_plain_file_name(std::string_view name);

}  // namespace trunkline
