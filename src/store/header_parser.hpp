// The JSON of a safetensors header, taken in piece by piece, so that a hostile one costs no memory.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline {

/// One tensor as the header states it; nothing is checked beyond the form.
struct StatedTensor {
  std::string name, dtype;
  std::vector<int64_t> shape, offsets;
};

struct StatedHeader {
  std::vector<StatedTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// @param where  begins every message. @throws CheckpointError unless the text is one object of the
/// expected form: UTF-8, no duplicate or unknown keys, numbers in 0..2^63 - 1.
StatedHeader parse_header(std::string_view json, const std::string& where);

/// A name from a file, fit for a one-line message: quoted, escaped, at most 80 bytes.
std::string printable(std::string_view name);

}  // namespace trunkline
