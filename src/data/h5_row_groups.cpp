#include "h5_row_groups.hpp"

#include <algorithm>
#include <cstring>

namespace trunkline {
namespace {

// Reading this many unwanted bytes costs less than another call of the library.
constexpr int64_t kGapBytes = int64_t{64} << 10;
// Bounds the memory of one read that skips rows.
constexpr int64_t kSpanBytes = int64_t{4} << 20;

// The runs from `begin` on that are read in one piece: the index behind the last.
std::size_t span_end(const std::vector<RowRun>& runs, std::size_t begin, int64_t row_bytes) {
  std::size_t end = begin + 1;
  for (; end < runs.size(); ++end) {
    const int64_t last = runs[end - 1].first + runs[end - 1].count;
    if ((runs[end].first - last) * row_bytes > kGapBytes) break;
    if ((runs[end].first + runs[end].count - runs[begin].first) * row_bytes > kSpanBytes) break;
  }
  return end;
}

}  // namespace

H5RowGroups::H5RowGroups(std::shared_ptr<const H5Table> table, RowSelection selection,
                         int64_t group_rows, int64_t groups_in_budget, int64_t first_sample)
    : table_(std::move(table)),
      selection_(std::move(selection)),
      group_rows_(group_rows),
      groups_in_budget_(groups_in_budget),
      first_sample_(first_sample) {
  const std::vector<int64_t>& parts = table_->part_begin();
  for (std::size_t p = 0; p + 1 < parts.size(); ++p)  // groups never span files
    for (int64_t row = parts[p]; row < parts[p + 1]; row += group_rows)
      group_begin_.push_back(selection_.rank(std::min(parts[p + 1], row + group_rows)));
}

void H5RowGroups::read(std::size_t column, int64_t ordinal, int64_t count, std::byte* out) const {
  const int64_t row_bytes = columns()[column].row_bytes();
  const std::vector<RowRun> runs = selection_.runs(ordinal, count);
  std::vector<std::byte> span;
  for (std::size_t begin = 0, end = 0; begin < runs.size(); begin = end) {
    end = span_end(runs, begin, row_bytes);
    const int64_t first = runs[begin].first;
    const int64_t rows = runs[end - 1].first + runs[end - 1].count - first;
    if (end == begin + 1) {
      table_->read(column, first, rows, out);
      out += rows * row_bytes;
      continue;
    }
    span.resize(static_cast<std::size_t>(rows * row_bytes));
    table_->read(column, first, rows, span.data());
    for (std::size_t r = begin; r < end; ++r) {
      const auto bytes = static_cast<std::size_t>(runs[r].count * row_bytes);
      std::memcpy(out, span.data() + (runs[r].first - first) * row_bytes, bytes);
      out += bytes;
    }
  }
}

}  // namespace trunkline
