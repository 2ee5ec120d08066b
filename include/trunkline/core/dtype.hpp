// Element types of stored and transported numbers, without torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trunkline {

enum class DType { kBool, kU8, kI8, kU16, kI16, kI32, kI64, kU32, kU64, kF16, kBF16, kF32, kF64 };

/// Bytes of one element.
std::size_t size_of(DType type);

/// Name as safetensors writes it: "U8", "I64", "F32", "BF16", "BOOL", …
std::string_view name_of(DType type);

/// The type with that safetensors name. @throws CheckpointError for any other name
DType dtype_named(std::string_view name);

bool is_float(DType type);

/// Integers of any width and bool.
inline bool is_integral(DType type) { return !is_float(type); }

}  // namespace trunkline
