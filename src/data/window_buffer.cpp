#include "window_buffer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trunkline {

void WindowBuffer::start(const LaneWindow& window, const GroupStream& stream) {
  window_ = window;
  filled_ = 0;
  by_stream_.clear();
  for (const StreamRange& range : stream.ranges(window.begin, window.rows))
    by_stream_.push_back({range, 0});
  by_file_.resize(by_stream_.size());
  std::iota(by_file_.begin(), by_file_.end(), std::size_t{0});
  std::ranges::sort(by_file_, {}, [&](std::size_t p) { return by_stream_[p].range.ordinal; });
  int64_t index = 0;
  for (const std::size_t p : by_file_) {
    by_stream_[p].index = index;
    index += by_stream_[p].range.rows;
  }
  if (window.rows <= capacity_) return;
  capacity_ = window.rows;
  for (std::size_t c = 0; c < columns_.size(); ++c)
    bytes_[c] = std::make_unique_for_overwrite<std::byte[]>(
        static_cast<std::size_t>(capacity_ * rows_.columns()[columns_[c]].row_bytes()));
}

void WindowBuffer::fill(double share) {
  const auto wanted =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(by_file_.size())));
  for (; filled_ < std::min(wanted, by_file_.size()); ++filled_)
    read(by_stream_[by_file_[filled_]]);
}

void WindowBuffer::read(const Piece& piece) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const int64_t offset = piece.index * rows_.columns()[columns_[c]].row_bytes();
    rows_.read(columns_[c], piece.range.ordinal, piece.range.rows, bytes_[c].get() + offset);
  }
}

WindowBuffer::Row WindowBuffer::row(int64_t i) const {
  const int64_t position = window_.position(i);
  const auto after = std::ranges::upper_bound(
      by_stream_, position, {}, [](const Piece& piece) { return piece.range.stream; });
  const Piece& piece = *std::prev(after);
  const int64_t offset = position - piece.range.stream;
  return {piece.range.ordinal + offset, piece.index + offset};
}

const std::byte* WindowBuffer::data(std::size_t c, int64_t index) const {
  return bytes_[c].get() + index * rows_.columns()[columns_[c]].row_bytes();
}

}  // namespace trunkline
