// The row groups of one split of an HDF5 source.
#pragma once

#include <memory>

#include "h5_table.hpp"
#include "trunkline/data/row_selection.hpp"

namespace trunkline {

class H5RowGroups final : public RowGroups {
 public:
  /// @param first_sample number of the table's first row in the source
  H5RowGroups(std::shared_ptr<const H5Table> table, RowSelection selection, int64_t group_rows,
              int64_t groups_in_budget, int64_t first_sample);

  int64_t rows() const override { return selection_.count(); }
  std::span<const int64_t> group_begin() const override { return group_begin_; }
  int64_t group_rows() const override { return group_rows_; }
  int64_t groups_in_budget() const override { return groups_in_budget_; }
  const std::vector<Column>& columns() const override { return table_->columns(); }
  int64_t sample(int64_t ordinal) const override { return first_sample_ + selection_.row(ordinal); }
  void read(std::size_t column, int64_t ordinal, int64_t count, std::byte* out) const override;

 private:
  std::shared_ptr<const H5Table> table_;
  RowSelection selection_;
  int64_t group_rows_, groups_in_budget_, first_sample_;
  std::vector<int64_t> group_begin_ = {0};
};

}  // namespace trunkline
