#include <algorithm>
#include <utility>

#include "checkpoint_folder.hpp"
#include "hash.hpp"
#include "header_parser.hpp"
#include "system_error.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/store/checkpoint.hpp"

namespace trunkline {
namespace {

Manifest read_manifest_of(const std::filesystem::path& path) {
  const std::filesystem::path file = path / "manifest.json";
  const std::string text = read_file(file, kMaxHeaderBytes);
  try {
    return read_manifest(text);
  } catch (const CheckpointError& error) {
    throw CheckpointError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

/// A folder that has a step in its name must hold that step.
void check_step(const std::filesystem::path& path, int64_t step) {
  const auto named = step_of(path.filename().string());
  check<CheckpointError>(!named || *named == step, "{}: manifest.json is of step {}", path.string(),
                         step);
}

/// The manifest and the header must tell of the same tensors and blocks.
void check_blocks(const SafetensorsHeader& header, const Manifest& manifest,
                  const FileRecord& record, const std::string& file) {
  check<CheckpointError>(header.tensors.size() == record.blocks.size(),
                         "{}: has {} tensors; the manifest has {}", file, header.tensors.size(),
                         record.blocks.size());
  for (const TensorPlace& place : header.tensors) {
    const auto found = record.blocks.find(place.tensor.name);
    const int64_t expected = block_count(place.bytes(), manifest.block_bytes);
    check<CheckpointError>(
        found != record.blocks.end() && std::cmp_equal(found->second.size(), expected),
        "{}: tensor {}: the manifest does not have its {} blocks", file,
        printable(place.tensor.name), expected);
  }
}

}  // namespace

CheckpointReader::CheckpointReader(std::filesystem::path path)
    : path_(std::move(path)), manifest_(read_manifest_of(path_)) {
  check_step(path_, manifest_.step);
  check_folder();
  read_state();
  for (const auto& [name, record] : manifest_.files) open(name, record);
}

void CheckpointReader::check_folder() const {
  std::error_code error;
  std::filesystem::directory_iterator entry(path_, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    check<CheckpointError>(name.starts_with('.') || name == "state.json" ||
                               name == "manifest.json" || manifest_.files.contains(name),
                           "{}: the manifest has no file {}; move it elsewhere", path_.string(),
                           printable(name));
  }
  if (error) throw_system_error(path_, "list the folder", error.value());
}

void CheckpointReader::read_state() {
  const std::filesystem::path file = path_ / "state.json";
  const std::string text = read_file(file, manifest_.state_bytes);
  check<CheckpointError>(
      std::cmp_equal(text.size(), manifest_.state_bytes) && hash_of(text) == manifest_.state_hash,
      "{}: not what was written (size or hash differ)", file.string());
  state_ = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  check<CheckpointError>(!state_.is_discarded(), "{}: not valid JSON", file.string());
}

void CheckpointReader::open(const std::string& name, const FileRecord& record) {
  File file = File::open_for_reading(path_ / name);
  const std::string where = file.path().string();
  const int64_t size = file.size();
  check<CheckpointError>(size == record.bytes, "{}: has {} bytes; the manifest says {}", where,
                         size, record.bytes);
  const std::string head = read_header(file);
  check<CheckpointError>(
      std::cmp_equal(head.size(), record.header_bytes) && hash_of(head) == record.header_hash,
      "{}: header: not what was written (size or hash differ)", where);
  SafetensorsHeader header = decode_header(head, size, where);
  check_blocks(header, manifest_, record, where);
  std::vector<TensorLayout>& tensors = layout_[name];
  for (const TensorPlace& place : header.tensors) tensors.push_back(place.tensor);
  files_.emplace(name, OpenFile{std::move(file), std::move(header)});
}

std::size_t CheckpointReader::block_size(const TensorPlace& place, int64_t block) const {
  const int64_t offset = block * manifest_.block_bytes;
  return static_cast<std::size_t>(std::min(manifest_.block_bytes, place.bytes() - offset));
}

void CheckpointReader::read_block(const std::string& name, const TensorPlace& place, int64_t block,
                                  std::span<std::byte> bytes) const {
  const File& file = files_.at(name).file;
  file.read(place.begin + block * manifest_.block_bytes, bytes);
  const std::vector<uint64_t>& hashes = manifest_.files.at(name).blocks.at(place.tensor.name);
  check<CheckpointError>(hash_of(bytes) == hashes[static_cast<std::size_t>(block)],
                         "{}: tensor {}, block {}: not what was written (hash differs)",
                         file.path().string(), printable(place.tensor.name), block);
}

void CheckpointReader::read(const std::string& name, const std::string& tensor,
                            std::span<std::byte> bytes) const {
  const auto open = files_.find(name);
  check<CheckpointError>(open != files_.end(), "{}: there is no file {}", path_.string(),
                         printable(name));
  const TensorPlace* place = open->second.header.find(tensor);
  check<CheckpointError>(place != nullptr, "{}: there is no tensor {}",
                         open->second.file.path().string(), printable(tensor));
  check<CheckpointError>(
      std::cmp_equal(bytes.size(), place->bytes()), "{}: tensor {}: has {} bytes; expected {}",
      open->second.file.path().string(), printable(tensor), place->bytes(), bytes.size());
  for (int64_t block = 0; !bytes.empty(); ++block) {
    const std::size_t size = block_size(*place, block);
    read_block(name, *place, block, bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

void CheckpointReader::verify() const {
  std::vector<std::byte> buffer;
  for (const auto& [name, open] : files_)
    for (const TensorPlace& place : open.header.tensors)
      for (int64_t block = 0; block < block_count(place.bytes(), manifest_.block_bytes); ++block) {
        buffer.resize(std::max(buffer.size(), block_size(place, block)));
        read_block(name, place, block, std::span(buffer).first(block_size(place, block)));
      }
}

}  // namespace trunkline
