// The safetensors format: where each tensor of a file lies, written and read strictly.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trunkline/core/dtype.hpp"
#include "trunkline/store/file.hpp"

namespace trunkline {

/// A tensor of a file, as every rank knows it before anything is written.
struct TensorLayout {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
};

/// Bytes of the tensor. @throws CheckpointError for a negative extent, or more than 2^63 - 1
int64_t byte_size(const TensorLayout& tensor);

/// Where a tensor lies: bytes [begin, end) of the file.
struct TensorPlace {
  TensorLayout tensor;
  int64_t begin = 0, end = 0;
  int64_t bytes() const { return end - begin; }
};

/// The header of a safetensors file: 8 bytes little-endian length, JSON, padding; then the data of
/// all tensors without gaps.
struct SafetensorsHeader {
  std::vector<TensorPlace> tensors = {};             ///< in file order
  std::map<std::string, std::string> metadata = {};  ///< "__metadata__"
  int64_t header_bytes = 0;                          ///< where the data begin
  int64_t file_bytes = 0;

  const TensorPlace* find(std::string_view name) const;  ///< null if there is none of that name
};

/// Longest JSON text that is read or written, as in the reference implementation.
constexpr int64_t kMaxHeaderBytes = 100'000'000;

/// The header of a file with these tensors in this order, and the same as bytes. Data begin at a
/// multiple of 64. The metadata say {"format": "pt"}, which Python libraries look for, and `more`.
/// @throws CheckpointError for a duplicate, reserved or non-UTF-8 name, or a size out of range
std::pair<SafetensorsHeader, std::string> encode_header(
    const std::vector<TensorLayout>& tensors, const std::map<std::string, std::string>& more = {});

/// Reads and checks a header against the file's size. Accepts nothing that the reference
/// implementation refuses, and refuses more: unknown fields, white space before the object, 8-bit
/// and smaller floats, sizes above 2^63 - 1.
/// @param head  the file's bytes, from its first to the end of the header at least
/// @param name  stands for the file in messages
/// @throws CheckpointError "FILE: header: …" for anything that is not exactly right
SafetensorsHeader decode_header(std::string_view head, int64_t file_bytes, const std::string& name);

/// The bytes of a file's header, length field included. @throws CheckpointError if the length is
/// out of range
std::string read_header(const File& file);

}  // namespace trunkline
