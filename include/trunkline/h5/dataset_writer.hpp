// Appends rows to one data set, in blocks of whole chunks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "trunkline/core/dtype.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/h5/handle.hpp"
#include "trunkline/h5/io_thread.hpp"
#include "trunkline/h5/write_attribute.hpp"

namespace trunkline::h5 {

/// What a new data set looks like: dimensions (rows, row_shape...), little endian.
struct DatasetLayout {
  std::string name;          ///< path inside the file, e.g. "train/x"; missing groups are created
  DType dtype = DType::kU8;  ///< any integer type, f32 or f64
  int64_t rows = 0;          ///< how many rows will be appended, at least 1
  std::vector<int64_t> row_shape = {};  ///< of one row; empty for a scalar per row
  std::vector<int64_t> chunk = {};      ///< as many extents as dimensions; empty: row_chunk()
  bool fletcher32 = true;               ///< a checksum per chunk
  int gzip = 0;                         ///< level 1 to 9; 0 for none
};

/// Bytes of one row.
int64_t row_bytes(const DatasetLayout& layout);

/// Chunks of whole rows and about 1 MiB: one read fetches many rows, and nothing else.
std::vector<int64_t> row_chunk(const DatasetLayout& layout);

/// The element type that values of a C++ type are stored as.
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, uint8_t>) return DType::kU8;
  if constexpr (std::is_same_v<T, int32_t>) return DType::kI32;
  if constexpr (std::is_same_v<T, int64_t>) return DType::kI64;
  if constexpr (std::is_same_v<T, float>) return DType::kF32;
  if constexpr (std::is_same_v<T, double>) return DType::kF64;
}

/// Made by Writer::create. Holds at most one block: the larger of 1 MiB and one row of chunks. Not
/// thread-safe.
/// @throws CheckpointError, naming file and data set, when the disk refuses; BugError for rows that
///   were not announced or values of another type
class DatasetWriter {
 public:
  /// Creates the data set. IoThread only. @param what file and data set, for messages
  DatasetWriter(hid_t file, const DatasetLayout& layout, IoThread& io, const std::string& what);

  /// Whole rows, one after the other.
  template <class T>
  void append(std::span<const T> values) {
    ensure(dtype_of<T>() == layout_.dtype, "values of another type than the data set");
    append_bytes(std::as_bytes(values));
  }
  /// One row of a data set with a scalar per row.
  template <class T>
  void append(T value) {
    append(std::span<const T>(&value, 1));
  }

  void attribute(const std::string& name, const AttributeValue& value);

  /// Writes what is pending. @throws BugError unless all announced rows have come
  void complete();

 private:
  void append_bytes(std::span<const std::byte> rows);
  void write_pending();

  DatasetLayout layout_;
  IoThread& io_;
  std::string what_;
  Handle dataset_;
  std::size_t row_bytes_, block_bytes_;
  std::vector<std::byte> pending_;
  int64_t written_ = 0;
};

}  // namespace trunkline::h5
