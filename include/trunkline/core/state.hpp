// Everything of a run that outlives the process: JSON values and named views of numbers.
// Torch-free.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "trunkline/core/dtype.hpp"

namespace trunkline {

/// A named, typed, contiguous piece of memory owned by somebody else.
struct NamedView {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  std::span<std::byte> bytes;
};

/// Where a part of the program leaves its state, and where it finds it again. `values` goes to
/// state.json under the part's own key, `tensors` to a safetensors file; when restoring, the views
/// are filled in place.
struct State {
  nlohmann::json values = nlohmann::json::object();
  std::vector<NamedView> tensors;
};

}  // namespace trunkline
