#include "trunkline/store/safetensors.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "header_parser.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr int64_t kLengthBytes = 8;
constexpr int64_t kAlignment = 64;
constexpr int64_t kMaxInt = std::numeric_limits<int64_t>::max();

/// size times all extents, unless that leaves 0..2^63 - 1 on the way.
std::optional<int64_t> product(std::size_t size, const std::vector<int64_t>& shape) {
  auto bytes = static_cast<int64_t>(size);
  for (const int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes)) return std::nullopt;
  return bytes;
}

uint64_t decode_length(std::string_view head) {
  uint64_t length = 0;
  for (int i = kLengthBytes; i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(head[static_cast<std::size_t>(i)]);
  return length;
}

std::string encode_length(uint64_t length) {
  std::string bytes;
  for (int i = 0; i < kLengthBytes; ++i) bytes += static_cast<char>(length >> (8 * i) & 0xff);
  return bytes;
}

/// The length field, checked. @return bytes of the header, length field included
int64_t header_bytes(std::string_view head, int64_t file_bytes, const std::string& name) {
  check<CheckpointError>(std::cmp_greater_equal(head.size(), kLengthBytes),
                         "{}: header: the file has {} bytes; expected at least 8", name,
                         file_bytes);
  const uint64_t length = decode_length(head);
  check<CheckpointError>(length <= uint64_t{kMaxHeaderBytes},
                         "{}: header: it claims {} bytes; expected at most {}", name, length,
                         kMaxHeaderBytes);
  const auto bytes = static_cast<int64_t>(length) + kLengthBytes;
  check<CheckpointError>(bytes <= file_bytes, "{}: header: it claims {} bytes, but the file has {}",
                         name, length, file_bytes);
  return bytes;
}

std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw CheckpointError("tensor " + printable(text) + ": the name is not UTF-8");
  }
}

/// Lays the tensors out one after the other, from offset 0.
std::vector<TensorPlace> lay_out(const std::vector<TensorLayout>& tensors) {
  std::vector<TensorPlace> places;
  std::set<std::string_view> names = {"__metadata__"};
  int64_t end = 0;
  for (const TensorLayout& tensor : tensors) {
    check<CheckpointError>(names.insert(tensor.name).second,
                           "tensor {}: the name occurs twice or is reserved",
                           printable(tensor.name));
    const int64_t bytes = byte_size(tensor);
    check<CheckpointError>(bytes <= kMaxInt - kMaxHeaderBytes - kLengthBytes - end,
                           "tensor {}: the file would have more than 2^63 - 1 bytes",
                           printable(tensor.name));
    places.push_back({tensor, end, end + bytes});
    end += bytes;
  }
  return places;
}

std::string encode_json(const std::vector<TensorPlace>& places,
                        const std::map<std::string, std::string>& metadata) {
  std::string text = R"({"__metadata__":)" + nlohmann::json(metadata).dump();
  for (const TensorPlace& place : places)
    text += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                        json_string(place.tensor.name), name_of(place.tensor.dtype),
                        fmt::join(place.tensor.shape, ","), place.begin, place.end);
  return text + "}";
}

DType checked_type(const std::string& type, const std::string& where) {
  try {
    return dtype_named(type);
  } catch (const CheckpointError&) {
    throw CheckpointError(fmt::format("{}: unknown dtype {}", where, printable(type)));
  }
}

TensorPlace checked_place(StatedTensor&& stated, const std::string& file) {
  const std::string where = fmt::format("{}: tensor {}", file, printable(stated.name));
  check<CheckpointError>(stated.offsets.size() == 2, "{}: data_offsets has {} numbers; expected 2",
                         where, stated.offsets.size());
  const DType type = checked_type(stated.dtype, where);
  const std::optional<int64_t> expected = product(size_of(type), stated.shape);
  check<CheckpointError>(expected.has_value(), "{}: the shape is out of range", where);
  const int64_t begin = stated.offsets[0], end = stated.offsets[1];
  check<CheckpointError>(begin <= end && end - begin == *expected,
                         "{}: offsets {} to {}; expected {} bytes by dtype and shape", where, begin,
                         end, *expected);
  return {{std::move(stated.name), type, std::move(stated.shape)}, begin, end};
}

/// Every byte of the data belongs to exactly one tensor.
void check_contiguous(const std::vector<TensorPlace>& tensors, int64_t data_bytes,
                      const std::string& where) {
  int64_t end = 0;
  for (const TensorPlace& place : tensors) {
    check<CheckpointError>(place.begin == end,
                           "{}: tensor {}: begins at {}; expected {} (no gap, no overlap)", where,
                           printable(place.tensor.name), place.begin, end);
    end = place.end;
  }
  check<CheckpointError>(end == data_bytes,
                         "{}: tensors take {} bytes, but the file has {} of data", where, end,
                         data_bytes);
}

}  // namespace

int64_t byte_size(const TensorLayout& tensor) {
  const std::optional<int64_t> bytes = product(size_of(tensor.dtype), tensor.shape);
  check<CheckpointError>(bytes.has_value(), "tensor {}: shape [{}] is out of range",
                         printable(tensor.name), fmt::join(tensor.shape, ", "));
  return *bytes;
}

const TensorPlace* SafetensorsHeader::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const TensorPlace& place) {
    return place.tensor.name == name;
  });
  return found == tensors.end() ? nullptr : &*found;
}

std::pair<SafetensorsHeader, std::string> encode_header(
    const std::vector<TensorLayout>& tensors, const std::map<std::string, std::string>& more) {
  SafetensorsHeader header = {.tensors = lay_out(tensors), .metadata = {{"format", "pt"}}};
  header.metadata.insert(more.begin(), more.end());
  std::string json = encode_json(header.tensors, header.metadata);
  const auto unpadded = static_cast<int64_t>(json.size()) + kLengthBytes;
  header.header_bytes = (unpadded + kAlignment - 1) / kAlignment * kAlignment;
  json.resize(static_cast<std::size_t>(header.header_bytes - kLengthBytes), ' ');
  check<CheckpointError>(header.header_bytes - kLengthBytes <= kMaxHeaderBytes,
                         "{} tensors: the header would have {} bytes; expected at most {}",
                         tensors.size(), json.size(), kMaxHeaderBytes);
  header.file_bytes = header.header_bytes;
  if (!tensors.empty()) header.file_bytes += header.tensors.back().end;
  for (TensorPlace& place : header.tensors) {
    place.begin += header.header_bytes;
    place.end += header.header_bytes;
  }
  return {std::move(header), encode_length(json.size()) + json};
}

SafetensorsHeader decode_header(std::string_view head, int64_t file_bytes,
                                const std::string& name) {
  const std::string where = name + ": header";
  SafetensorsHeader header = {.header_bytes = header_bytes(head, file_bytes, name),
                              .file_bytes = file_bytes};
  ensure(std::cmp_greater_equal(head.size(), header.header_bytes), "the header is given whole");
  const auto bytes = static_cast<std::size_t>(header.header_bytes);
  StatedHeader stated = parse_header(head.substr(kLengthBytes, bytes - kLengthBytes), where);
  header.metadata = std::move(stated.metadata);
  for (StatedTensor& tensor : stated.tensors)
    header.tensors.push_back(checked_place(std::move(tensor), where));
  std::stable_sort(header.tensors.begin(), header.tensors.end(),
                   [](const TensorPlace& a, const TensorPlace& b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  check_contiguous(header.tensors, file_bytes - header.header_bytes, where);
  for (TensorPlace& place : header.tensors) {
    place.begin += header.header_bytes;
    place.end += header.header_bytes;
  }
  return header;
}

std::string read_header(const File& file) {
  const int64_t size = file.size();
  std::string head(static_cast<std::size_t>(std::min(size, kLengthBytes)), '\0');
  file.read(0, std::as_writable_bytes(std::span(head)));
  head.resize(static_cast<std::size_t>(header_bytes(head, size, file.path().string())));
  file.read(0, std::as_writable_bytes(std::span(head)));
  return head;
}

}  // namespace trunkline
