// Which rows are for training, validation and test.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "h5_table.hpp"
#include "trunkline/data/loader.hpp"
#include "trunkline/data/row_selection.hpp"

namespace trunkline {

/// How one split is found in the files.
struct SplitPlan {
  enum class Kind {
    kAbsent,
    kAll,       ///< no split anywhere: all rows are for training
    kGroup,     ///< a group of that name
    kIndex,     ///< row numbers in split/NAME
    kFraction,  ///< a part of the rows, drawn by a key of the row's number or group_id
  };
  Kind kind = Kind::kAbsent;
  std::string name;           ///< as configured
  double begin = 0, end = 0;  ///< of a fraction: the interval of keys

  /// The group below each file's group whose data sets hold the rows; empty for the group itself.
  std::string group() const { return kind == Kind::kGroup ? name : ""; }
};

/// By Split. @throws DataError for a configured name that does not exist (with those that do), a
/// name found in two ways or in some files only, and fractions beyond 1. IoThread only.
std::array<SplitPlan, 3> plan_splits(const std::vector<OpenFile>& files,
                                     const SourceOptions& options);

/// The rows of a table that a plan selects. IoThread only.
/// @throws DataError for an index out of range or twice, or a split without rows
RowSelection select_rows(const SplitPlan& plan, const std::vector<OpenFile>& files,
                         const H5Table& table, int64_t split_seed, const std::string& source);

}  // namespace trunkline
