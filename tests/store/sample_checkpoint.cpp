#include "store/sample_checkpoint.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "trunkline/core/error.hpp"

namespace trunkline {

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "trunkline-XXXXXX";
  path_ = ::mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

CheckpointLayout sample_layout() {
  return {{"model.safetensors",
           {{"trunk.weight", DType::kF32, {5, 7}},  // 140 bytes: 4 blocks and a short one
            {"trunk.empty", DType::kF32, {0, 3}},
            {"heads.a.bias", DType::kF64, {}}}},
          {"optimizer.safetensors", {{"trunk.step", DType::kI64, {8}}}}};  // 64 bytes: 2 blocks
}

std::vector<std::byte> sample_bytes(const TensorLayout& tensor, int64_t step) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(byte_size(tensor)));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(i * 31 + tensor.name.size() * 7 +
                                      static_cast<std::size_t>(step) * 13);
  return bytes;
}

nlohmann::json sample_state(int64_t step) { return {{"step", step}, {"rate", 0.1}}; }

std::vector<BlockHash> write_share(CheckpointWriter& writer, int64_t step, int64_t rank,
                                   int64_t ranks) {
  std::vector<BlockHash> hashes;
  int64_t index = 0;
  for (const auto& [file, tensors] : sample_layout())
    for (const TensorLayout& tensor : tensors) {
      const std::vector<std::byte> bytes = sample_bytes(tensor, step);
      const int64_t blocks = block_count(byte_size(tensor), kSampleBlockBytes);
      for (int64_t block = 0; block < blocks; ++block)
        if (index++ % ranks == rank)
          for (BlockHash& hash : writer.write(file, tensor.name, bytes, block, block + 1))
            hashes.push_back(hash);
    }
  return hashes;
}

std::filesystem::path save_sample(const std::filesystem::path& run, int64_t step, int64_t ranks) {
  std::vector<CheckpointWriter> writers;
  for (int64_t rank = 0; rank < ranks; ++rank)
    writers.emplace_back(run, step, sample_layout(), kSampleBlockBytes);
  writers[0].create();
  std::vector<BlockHash> hashes;
  for (int64_t rank = 0; rank < ranks; ++rank) {
    CheckpointWriter& writer = writers[static_cast<std::size_t>(rank)];
    for (BlockHash& hash : write_share(writer, step, rank, ranks)) hashes.push_back(hash);
    writer.sync();
  }
  writers[0].commit(sample_state(step), hashes);
  return writers[0].path();
}

testing::AssertionResult holds_sample(const CheckpointReader& reader, int64_t step) {
  if (reader.state() != sample_state(step)) return testing::AssertionFailure() << reader.state();
  for (const auto& [file, tensors] : reader.layout())
    for (const TensorLayout& tensor : tensors) {
      std::vector<std::byte> bytes(static_cast<std::size_t>(byte_size(tensor)));
      reader.read(file, tensor.name, bytes);
      if (bytes != sample_bytes(tensor, step))
        return testing::AssertionFailure() << file << ": " << tensor.name;
    }
  return testing::AssertionSuccess();
}

int64_t newest_valid_step(const std::filesystem::path& run, std::vector<std::string>* reasons) {
  const auto reader =
      open_newest_valid(run, [&](const CheckpointEntry&, const std::string& reason) {
        if (reasons != nullptr) reasons->push_back(reason);
      });
  return reader ? reader->step() : -1;
}

std::string refusal(const std::filesystem::path& checkpoint) {
  try {
    CheckpointReader(checkpoint).verify();
  } catch (const CheckpointError& error) {
    return error.what();
  }
  return "";
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void set_content(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.insert(entry.path());
  return {files.begin(), files.end()};
}

}  // namespace trunkline
