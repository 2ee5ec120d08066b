// `trunkline data convert csv`: a table of numbers and text to an HDF5 file that can be trained on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trunkline/data/write_summary.hpp"
#include "trunkline/h5/io_thread.hpp"

namespace trunkline {

struct CsvOptions {
  /// COLUMN, COLUMN:KIND, NAME=COLUMN,COLUMN:KIND; kinds classification, regression, multilabel
  /// (the last two for any number of columns). Without a kind text is a classification, numbers are
  /// a regression.
  std::vector<std::string> targets = {};
  std::vector<std::string> drop = {};     ///< columns to leave out, or COLUMN,COLUMN
  std::vector<std::string> missing = {};  ///< cells that mean "no value", beside empty ones
  std::string fill = {};                  ///< number for a missing input; empty: it is an error
  std::string text = "one-hot";           ///< what becomes of text inputs: one-hot | codes
  std::string like = {};   ///< file whose codes and classes are used again; empty: none
  std::string split = {};  ///< "train=0.8,valid=0.2": groups of rows; empty: no groups
  uint64_t seed = 0;       ///< of the split
  char delimiter = ',';
  bool force = false;  ///< replace an existing file
};

struct CsvSummary {
  WriteSummary written;
  std::vector<std::string> notes;  ///< what was made of targets and text columns, a line each
};

/// Writes, in the root or in each group of `split`,
///
///   x              f32 (n, features)  all other columns in their order; attribute `columns`
///   TARGET         classification u8 or i32 (n); regression f32 (n) or (n, columns);
///                  multilabel u8 (n, columns)
///   TARGET_valid   u8, of the target's shape: 0 where the cell is missing; only if one is
///
/// A column is one of numbers if every cell that is not missing is a finite number. A text input
/// becomes one 0/1 column per value (all 0 where it is missing), or a code: 1, 2, … for its values
/// in sorted order, 0 where it is missing. Then x has the attributes `codes`, i64 per column, how
/// many codes it has (0 for a column of numbers), and `codes:COLUMN`, the values from code 1. With
/// `like` the codes and classes are those of another file of this kind, whose columns must be the
/// same; a value that it does not have is code 0. Classes are numbered in the order of
/// their numbers or names; `class_names` has them unless they are 0, 1, 2, … themselves. Row r
/// belongs to a split by (seed, r), so rows that are appended move no others. Reads the file twice;
/// memory: a block per data set and at most 65,536 values per text column.
/// @throws UsageError for options that do not fit the columns, or where OUT exists; DataError
///   "FILE:LINE: column …"; CheckpointError if the disk refuses
CsvSummary convert_csv(const std::string& input, const std::string& output,
                       const CsvOptions& options, const std::shared_ptr<IoThread>& io);

}  // namespace trunkline
