#include "trunkline/store/manifest.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "hash.hpp"
#include "header_parser.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

constexpr const char* kFormat = "trunkline checkpoint";
constexpr int kVersion = 1;
constexpr std::string_view kSealBegin = ",\n \"xxh3\": \"";
constexpr std::string_view kSealEnd = "\"\n}\n";
constexpr std::string_view kBodyEnd = "\n}";

/// Adds the hash of the text as its last entry: {…} becomes {…, "xxh3": "…"}.
std::string seal(std::string body) {
  body.resize(body.size() - kBodyEnd.size());
  const std::string hash = hex(hash_of(body));
  return body.append(kSealBegin).append(hash).append(kSealEnd);
}

void check_seal(std::string_view text) {
  constexpr std::size_t kDigits = 16;
  constexpr std::size_t kTail = kSealBegin.size() + kDigits + kSealEnd.size();
  check<CheckpointError>(text.size() > kTail && text.ends_with(kSealEnd), "the end is missing");
  const std::string_view body = text.substr(0, text.size() - kTail);
  std::string_view tail = text.substr(body.size());
  check<CheckpointError>(tail.starts_with(kSealBegin), "its own hash is missing");
  check<CheckpointError>(unhex(tail.substr(kSealBegin.size(), kDigits)) == hash_of(body),
                         "it does not match its own hash; the content was changed");
}

int64_t integer(const json& object, const char* key, int64_t least) {
  const json& value = object.at(key);
  check<CheckpointError>(value.is_number_unsigned() &&
                             value.get<uint64_t>() <= std::numeric_limits<int64_t>::max() &&
                             value.get<int64_t>() >= least,
                         "{} is not an integer of at least {}", key, least);
  return value.get<int64_t>();
}

uint64_t hash_in(const json& object, const char* key) {
  return unhex(object.at(key).get_ref<const std::string&>());
}

json to_json(const FileRecord& file) {
  json tensors = json::object();
  for (const auto& [tensor, hashes] : file.blocks) {
    json& list = tensors[tensor] = json::array();
    for (const uint64_t hash : hashes) list.push_back(hex(hash));
  }
  return {{"bytes", file.bytes},
          {"header", {{"bytes", file.header_bytes}, {"xxh3", hex(file.header_hash)}}},
          {"tensors", tensors}};
}

FileRecord file_record(const json& object) {
  const json& header = object.at("header");
  FileRecord file = {.bytes = integer(object, "bytes", 0),
                     .header_bytes = integer(header, "bytes", 0),
                     .header_hash = hash_in(header, "xxh3")};
  for (const auto& [tensor, hashes] : object.at("tensors").items())
    for (std::vector<uint64_t>& list = file.blocks[tensor]; const json& hash : hashes)
      list.push_back(unhex(hash.get_ref<const std::string&>()));
  return file;
}

Manifest from_json(const json& object) {
  check<CheckpointError>(object.at("format") == kFormat, "it is not a checkpoint's");
  const int64_t version = integer(object, "version", 0);
  check<CheckpointError>(version == kVersion, "version {}; this program reads version {}", version,
                         kVersion);
  const json& state = object.at("state");
  Manifest manifest = {.step = integer(object, "step", 0),
                       .block_bytes = integer(object, "block_bytes", 1),
                       .state_bytes = integer(state, "bytes", 0),
                       .state_hash = hash_in(state, "xxh3")};
  for (const auto& [name, file] : object.at("files").items()) {
    check<CheckpointError>(is_plain_file_name(name), "{} is not a plain file name",
                           printable(name));
    manifest.files[name] = file_record(file);
  }
  return manifest;
}

}  // namespace

bool is_plain_file_name(std::string_view name) {
  return !name.empty() && !name.starts_with('.') && name != "state.json" &&
         name != "manifest.json" &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

std::string write_manifest(const Manifest& manifest) {
  json object = {{"format", kFormat},
                 {"version", kVersion},
                 {"step", manifest.step},
                 {"block_bytes", manifest.block_bytes},
                 {"files", json::object()},
                 {"state", {{"bytes", manifest.state_bytes}, {"xxh3", hex(manifest.state_hash)}}}};
  for (const auto& [name, file] : manifest.files) object["files"][name] = to_json(file);
  return seal(object.dump(1));
}

Manifest read_manifest(std::string_view text) {
  check_seal(text);
  try {
    return from_json(json::parse(text));
  } catch (const json::exception& error) {
    throw CheckpointError(fmt::format("not a manifest: {}", error.what()));
  }
}

}  // namespace trunkline
