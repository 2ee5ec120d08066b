// Tensors that lie in a file: of a checkpoint, whose hashes are compared, or of any program.
// A module of TorchScript is a file too.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trunkline/model/torchscript.hpp"
#include "trunkline/store/checkpoint.hpp"

namespace trunkline {

/// One safetensors file, open for reading. Safe from several threads.
class StoredTensors {
 public:
  /// The model of a checkpoint as it is used: its averages where it has them, else its parameters.
  explicit StoredTensors(CheckpointReader reader);
  /// A file by itself: its header is checked, but there are no hashes. FILE.pt is a module, whose
  /// parameters are those of a trunk.
  /// @throws CheckpointError where it is no sound safetensors file, UsageError where it is no
  /// module
  explicit StoredTensors(const std::filesystem::path& file);

  const std::vector<TensorLayout>& layout() const { return layout_; }
  std::string path() const { return path_.string(); }
  std::optional<int64_t> step() const { return step_; }  ///< of a checkpoint

  /// @throws CheckpointError where the bytes are not what was written
  void read(const std::string& tensor, std::span<std::byte> bytes) const;

 private:
  struct Alone {
    File file;
    SafetensorsHeader header;
  };
  std::optional<CheckpointReader> reader_;
  std::optional<Alone> alone_;
  NamedTensors module_;
  std::string name_;  ///< of the file in the checkpoint
  std::filesystem::path path_;
  std::optional<int64_t> step_;
  std::vector<TensorLayout> layout_;
};

}  // namespace trunkline
