// One window of a lane in memory: its rows, read in blocks, addressed in their shuffled order.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "trunkline/data/row_groups.hpp"
#include "trunkline/data/sample_order.hpp"

namespace trunkline {

/// Filled piece by piece, so that the next window can be read while the present one is used. Memory
/// is kept from window to window. Used by one thread.
class WindowBuffer {
 public:
  WindowBuffer(const RowGroups& rows, std::vector<std::size_t> columns)
      : rows_(rows), columns_(std::move(columns)), bytes_(columns_.size()) {}

  /// Begins a window: nothing is read yet.
  void start(const LaneWindow& window, const GroupStream& stream);

  /// Reads on until a share of the window, in [0, 1], is there.
  void fill(double share);

  int64_t rows() const { return window_.rows; }

  /// A row of a filled window.
  struct Row {
    int64_t ordinal = 0;
    int64_t index = 0;  ///< in the buffer
  };
  Row row(int64_t i) const;

  /// The bytes of a row in the c-th chosen column.
  const std::byte* data(std::size_t c, int64_t index) const;

 private:
  struct Piece {
    StreamRange range;
    int64_t index = 0;  // of its first row in the buffer
  };

  void read(const Piece& piece);

  const RowGroups& rows_;
  std::vector<std::size_t> columns_;
  std::vector<std::unique_ptr<std::byte[]>> bytes_;  // of each column
  int64_t capacity_ = 0;                             // rows
  LaneWindow window_;
  std::vector<Piece> by_stream_;
  std::vector<std::size_t> by_file_;  // pieces in file order, in which they are read
  std::size_t filled_ = 0;
};

}  // namespace trunkline
