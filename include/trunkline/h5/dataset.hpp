// A data set whose first dimension counts rows, read in blocks of rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/h5/element_type.hpp"
#include "trunkline/h5/file.hpp"
#include "trunkline/h5/storage.hpp"

namespace trunkline::h5 {

/// An open data set that has passed every check that needs no decoding. IoThread only.
class Dataset {
 public:
  /// @param path absolute, inside the file
  /// @param allow_fill accept chunks that were never written, which read as the fill value
  /// @throws DataError "FILE:/path: what" if it is missing (with what is there), not a data set,
  /// has
  ///   no rows, or is of a type, layout or filter that is not read
  Dataset(const File& file, const std::string& path, bool allow_fill = false);

  hid_t id() const { return handle_.get(); }
  const std::string& label() const { return label_; }  ///< "FILE:/path"
  const ElementType& type() const { return type_; }
  const Storage& storage() const { return storage_; }
  int64_t rows() const { return shape_[0]; }
  std::vector<int64_t> row_shape() const { return {shape_.begin() + 1, shape_.end()}; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t row_elements() const { return row_elements_; }
  int64_t row_bytes() const;         ///< delivered
  int64_t stored_row_bytes() const;  ///< decoded, before any widening

  /// Reads rows [first, first + count) as one block of delivered elements.
  /// @param out count * row_bytes() bytes
  /// @throws DataError naming the rows, if a filter or checksum fails, or a u64 exceeds 2^63-1
  void read(int64_t first, int64_t count, std::byte* out) const;

 private:
  void read_stored(int64_t first, int64_t count, std::byte* out) const;

  std::string label_;
  Handle handle_, file_type_;
  ElementType type_;
  Storage storage_;
  std::vector<int64_t> shape_;
  int64_t row_elements_ = 1;
};

}  // namespace trunkline::h5
