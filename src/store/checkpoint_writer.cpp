#include <algorithm>
#include <utility>

#include "checkpoint_folder.hpp"
#include "hash.hpp"
#include "header_parser.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/store/checkpoint.hpp"

namespace trunkline {
namespace {

std::string to_text(const nlohmann::json& state) {
  try {
    return state.dump(1) + "\n";
  } catch (const nlohmann::json::exception& error) {
    throw CheckpointError(fmt::format("state.json cannot be written: {}", error.what()));
  }
}

/// Blocks of one file by tensor, empty where no hash has come yet.
using Slots = std::map<std::string, std::vector<std::optional<uint64_t>>>;

Slots slots_for(const SafetensorsHeader& header, int64_t block_bytes) {
  Slots slots;
  for (const TensorPlace& place : header.tensors)
    slots[place.tensor.name].resize(
        static_cast<std::size_t>(block_count(place.bytes(), block_bytes)));
  return slots;
}

void take(Slots& slots, const BlockHash& hash) {
  const auto tensor = slots.find(hash.tensor);
  const std::string what = fmt::format("checkpoint: {}: tensor {}, block {}", hash.file,
                                       printable(hash.tensor), hash.block);
  check<BugError>(
      tensor != slots.end() && hash.block >= 0 && std::cmp_less(hash.block, tensor->second.size()),
      "{}: there is no such block", what);
  std::optional<uint64_t>& slot = tensor->second[static_cast<std::size_t>(hash.block)];
  check<BugError>(!slot, "{}: written by two ranks", what);
  slot = hash.hash;
}

std::map<std::string, std::vector<uint64_t>> complete(const Slots& slots, const std::string& file) {
  std::map<std::string, std::vector<uint64_t>> blocks;
  for (const auto& [tensor, hashes] : slots)
    for (std::vector<uint64_t>& list = blocks[tensor];
         const std::optional<uint64_t>& hash : hashes) {
      check<BugError>(hash.has_value(), "checkpoint: {}: tensor {}, block {}: written by no rank",
                      file, printable(tensor), list.size());
      list.push_back(*hash);
    }
  return blocks;
}

/// Gives a complete folder its committed name. At every moment there is a committed checkpoint of
/// that step if there was one before.
void put_in_place(const std::filesystem::path& from, const std::filesystem::path& to,
                  const std::filesystem::path& aside) {
  std::error_code ignored;
  if (std::filesystem::exists(to, ignored)) {
    rename_path(to, aside);
    sync_folder(to.parent_path());
  }
  rename_path(from, to);
  sync_folder(to.parent_path());
  // The save has succeeded; what cannot be removed now goes with the next one.
  std::filesystem::remove_all(aside, ignored);
}

}  // namespace

int64_t block_count(int64_t bytes, int64_t block_bytes) {
  return bytes / block_bytes + (bytes % block_bytes != 0);
}

CheckpointWriter::CheckpointWriter(const std::filesystem::path& run, int64_t step,
                                   const CheckpointLayout& layout, int64_t block_bytes)
    : final_(checkpoint_folder(run) / step_name(step)),
      temporary_(checkpoint_folder(run) / partial_name(step)),
      step_(step),
      block_bytes_(block_bytes) {
  check<BugError>(step >= 0 && block_bytes > 0, "checkpoint: step {}, blocks of {} bytes", step,
                  block_bytes);
  for (const auto& [name, tensors] : layout) {
    check<BugError>(is_plain_file_name(name), "checkpoint: {} is no file name", printable(name));
    auto [header, head] = encode_header(tensors);
    plans_[name] = {std::move(header), std::move(head)};
  }
}

const CheckpointWriter::Plan& CheckpointWriter::plan(const std::string& name) const {
  const auto found = plans_.find(name);
  check<BugError>(found != plans_.end(), "checkpoint: there is no file {}", printable(name));
  return found->second;
}

File& CheckpointWriter::file(const std::string& name) {
  const auto found = open_.find(name);
  if (found != open_.end()) return found->second;
  return open_.emplace(name, File::open_for_writing(temporary_ / name)).first->second;
}

void CheckpointWriter::create() {
  const std::filesystem::path run = final_.parent_path().parent_path();
  create_folders(final_.parent_path());
  remove_leftovers(run);
  create_folders(temporary_);
  for (const auto& [name, plan] : plans_) {
    // Closed again, so that ranks on other nodes see the file as it is now.
    File file = File::create(temporary_ / name);
    file.preallocate(plan.header.file_bytes);
    file.write(0, std::as_bytes(std::span(plan.head)));
    file.sync();
    file.close();
  }
}

std::vector<BlockHash> CheckpointWriter::write(const std::string& name, const std::string& tensor,
                                               std::span<const std::byte> bytes,
                                               int64_t first_block, int64_t last_block) {
  const TensorPlace* place = plan(name).header.find(tensor);
  check<BugError>(place != nullptr && std::cmp_equal(bytes.size(), place->bytes()),
                  "checkpoint: {}: there is no tensor {} of {} bytes", name, printable(tensor),
                  bytes.size());
  check<BugError>(0 <= first_block && last_block <= block_count(place->bytes(), block_bytes_),
                  "checkpoint: tensor {}: there are no blocks {} to {}", printable(tensor),
                  first_block, last_block);
  std::vector<BlockHash> hashes;
  for (int64_t block = first_block; block < last_block; ++block) {
    const int64_t offset = block * block_bytes_;
    const int64_t size = std::min(block_bytes_, place->bytes() - offset);
    const auto part =
        bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
    file(name).write(place->begin + offset, part);
    hashes.push_back({name, tensor, block, hash_of(part)});
  }
  return hashes;
}

void CheckpointWriter::sync() {
  for (auto& [name, file] : open_) {
    file.sync();
    file.close();
  }
  open_.clear();
}

Manifest CheckpointWriter::manifest(const std::vector<BlockHash>& hashes) const {
  std::map<std::string, Slots> slots;
  for (const auto& [name, plan] : plans_) slots[name] = slots_for(plan.header, block_bytes_);
  for (const BlockHash& hash : hashes) {
    plan(hash.file);
    take(slots[hash.file], hash);
  }
  Manifest manifest;
  manifest.step = step_;
  manifest.block_bytes = block_bytes_;
  for (const auto& [name, plan] : plans_)
    manifest.files[name] = {plan.header.file_bytes, plan.header.header_bytes, hash_of(plan.head),
                            complete(slots[name], name)};
  return manifest;
}

void CheckpointWriter::commit(const nlohmann::json& state, const std::vector<BlockHash>& hashes) {
  check<BugError>(open_.empty(), "checkpoint: commit before sync");
  const std::string text = to_text(state);
  Manifest whole = manifest(hashes);
  whole.state_bytes = static_cast<int64_t>(text.size());
  whole.state_hash = hash_of(text);
  write_new_file(temporary_ / "state.json", text);
  write_new_file(temporary_ / "manifest.json", write_manifest(whole));
  sync_folder(temporary_);
  put_in_place(temporary_, final_, final_.parent_path() / replaced_name(step_));
}

void CheckpointWriter::discard() noexcept {
  open_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(temporary_, ignored);
}

}  // namespace trunkline
