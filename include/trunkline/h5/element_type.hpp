// Element types of data sets: which are accepted, and how stored bytes become numbers in memory.
#pragma once

#include <hdf5.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trunkline/core/dtype.hpp"

namespace trunkline::h5 {

/// How elements are stored and how readers deliver them.
///
/// Delivered as stored, in native byte order, except: u16 as i32, u32 and u64 as i64 (larger types
/// exist in torch only in name), h5py's bool as u8.
struct ElementType {
  DType stored = DType::kU8;
  DType delivered = DType::kU8;
  bool big_endian = false;
  bool boolean = false;                                      ///< ENUM FALSE = 0, TRUE = 1 of i8
  std::vector<std::pair<int64_t, std::string>> enumerators;  ///< of other ENUMs, by value
};

/// The element type of an HDF5 type; nothing if it is not one that can be trained on. A type counts
/// only if it equals a predefined one bit by bit: a damaged type must never reach a conversion.
/// IoThread only.
std::optional<ElementType> element_type(hid_t type);

/// "u8", "f32 big-endian", "bool", "enum of 3 (u8)", "compound", "variable-length string", …
std::string type_name(hid_t type);

/// Turns stored elements into delivered ones. The two buffers may be the same if the sizes of both
/// types are equal.
/// @return the index of the first u64 above 2^63-1, which has no i64; else nothing
std::optional<std::size_t> deliver(const ElementType& type, const std::byte* stored,
                                   std::byte* delivered, std::size_t count);

/// True where deliver() would only copy.
bool is_verbatim(const ElementType& type);

/// Delivered elements as doubles, for checks and attributes.
std::vector<double> as_doubles(DType type, const std::byte* elements, std::size_t count);

}  // namespace trunkline::h5
