// A small checkpoint with everything that matters: several files, dtypes, blocks, an empty tensor.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "trunkline/store/checkpoint.hpp"

namespace trunkline {

/// A new folder under the system's temporary one, removed at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

constexpr int64_t kSampleBlockBytes = 32;

CheckpointLayout sample_layout();

/// Bytes of a tensor that differ by name and step.
std::vector<std::byte> sample_bytes(const TensorLayout& tensor, int64_t step);

nlohmann::json sample_state(int64_t step);

/// Writes every `ranks`th block, beginning with block `rank` of all blocks in order.
std::vector<BlockHash> write_share(CheckpointWriter& writer, int64_t step, int64_t rank,
                                   int64_t ranks);

/// A whole save by several ranks, one after the other.
/// @return the folder of the checkpoint
std::filesystem::path save_sample(const std::filesystem::path& run, int64_t step,
                                  int64_t ranks = 1);

/// Whether all tensors and the state are those of the step.
testing::AssertionResult holds_sample(const CheckpointReader& reader, int64_t step);

/// The step that open_newest_valid finds, or -1; reasons of bad checkpoints go to `reasons`.
int64_t newest_valid_step(const std::filesystem::path& run,
                          std::vector<std::string>* reasons = nullptr);

/// The message of the CheckpointError that opening and verifying throws; empty if it verifies.
std::string refusal(const std::filesystem::path& checkpoint);

std::string content_of(const std::filesystem::path& file);
void set_content(const std::filesystem::path& file, const std::string& content);

/// Paths of the files in a folder, sorted.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder);

}  // namespace trunkline
