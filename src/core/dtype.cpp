#include "trunkline/core/dtype.hpp"

#include <array>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

struct Entry {
  std::string_view name;
  std::size_t size;
};

// In the order of DType.
constexpr std::array<Entry, 13> kTypes = {{{"BOOL", 1},
                                           {"U8", 1},
                                           {"I8", 1},
                                           {"U16", 2},
                                           {"I16", 2},
                                           {"I32", 4},
                                           {"I64", 8},
                                           {"U32", 4},
                                           {"U64", 8},
                                           {"F16", 2},
                                           {"BF16", 2},
                                           {"F32", 4},
                                           {"F64", 8}}};

const Entry& entry(DType type) { return kTypes.at(static_cast<std::size_t>(type)); }

}  // namespace

std::size_t size_of(DType type) { return entry(type).size; }

std::string_view name_of(DType type) { return entry(type).name; }

DType dtype_named(std::string_view name) {
  for (std::size_t i = 0; i < kTypes.size(); ++i)
    if (kTypes[i].name == name) return static_cast<DType>(i);
  throw CheckpointError(
      fmt::format("unknown element type \"{}\"; expected BOOL, U8 to U64, I8 to I64, "
                  "F16, BF16, F32 or F64",
                  name));
}

bool is_float(DType type) {
  return type == DType::kF16 || type == DType::kBF16 || type == DType::kF32 || type == DType::kF64;
}

}  // namespace trunkline
