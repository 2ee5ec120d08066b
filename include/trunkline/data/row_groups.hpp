// The rows of one split of a source, in groups that are read in one piece: what a file format
// offers to the loaders. Torch-free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trunkline/core/dtype.hpp"

namespace trunkline {

/// One number or array per row: a field, or a companion (`NAME_valid`, `NAME_weight`).
struct Column {
  std::string name;
  DType dtype = DType::kU8;    ///< as delivered
  std::vector<int64_t> shape;  ///< of one row

  int64_t row_bytes() const {
    auto bytes = static_cast<int64_t>(size_of(dtype));
    for (const int64_t extent : shape) bytes *= extent;
    return bytes;
  }
};

/// Selected rows are numbered 0..rows()-1 in file order (*ordinals*). Thread-safe.
class RowGroups {
 public:
  virtual ~RowGroups() = default;

  virtual int64_t rows() const = 0;
  /// M+1 ordinals: group g holds [group_begin[g], group_begin[g+1]); groups may be empty.
  virtual std::span<const int64_t> group_begin() const = 0;
  virtual int64_t group_rows() const = 0;  ///< G, rows of a full group
  /// Groups that fit the window's budget, at least 1.
  virtual int64_t groups_in_budget() const = 0;

  virtual const std::vector<Column>& columns() const = 0;

  /// Row number over all files of the source, unique in the source.
  virtual int64_t sample(int64_t ordinal) const = 0;

  /// Reads consecutive ordinals of one column, in blocks.
  /// @param out count * row_bytes() bytes   @throws DataError naming file, data set and rows
  virtual void read(std::size_t column, int64_t ordinal, int64_t count, std::byte* out) const = 0;
};

}  // namespace trunkline
