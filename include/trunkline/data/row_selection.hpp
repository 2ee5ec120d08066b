// Which rows of a table belong to a split, in two bits per row.
#pragma once

#include <cstdint>
#include <vector>

namespace trunkline {

/// Consecutive rows.
struct RowRun {
  int64_t first = 0, count = 0;
  bool operator==(const RowRun&) const = default;
};

/// An ascending set of rows with constant-time rank and fast select. Immutable.
class RowSelection {
 public:
  RowSelection() = default;
  /// All of `rows` rows: takes no memory.
  explicit RowSelection(int64_t rows) : rows_(rows), count_(rows) {}
  /// The rows that are marked.
  explicit RowSelection(const std::vector<bool>& marked);

  int64_t count() const { return count_; }

  /// The ordinal-th selected row, for ordinal < count().
  int64_t row(int64_t ordinal) const;

  /// How many selected rows lie before a row, for row <= rows.
  int64_t rank(int64_t row) const;

  /// The selected rows with ordinals [ordinal, ordinal + count), as runs.
  std::vector<RowRun> runs(int64_t ordinal, int64_t count) const;

 private:
  int64_t rows_ = 0, count_ = 0;
  std::vector<uint64_t> words_;  // bit r of the set, 64 rows each; empty for all rows
  std::vector<int64_t> before_;  // selected rows before each word
};

}  // namespace trunkline
