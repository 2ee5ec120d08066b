// Which columns of a table are targets, which are inputs, and where rows go: the options, checked.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/data/convert_csv.hpp"

namespace trunkline {

struct CsvTarget {
  std::string name;
  std::string kind;                  ///< empty: by the cells
  std::vector<std::size_t> columns;  ///< more than one for regression and multilabel only
};

/// Rows whose number in [0, 1) lies below `end`, and not below that of the share before.
struct CsvShare {
  std::string group;  ///< "train/"; empty: the root
  double end = 1;
};

struct CsvSelection {
  std::vector<CsvTarget> targets;
  std::vector<std::size_t> inputs;
  std::vector<CsvShare> shares;
};

/// @throws UsageError that names the option and, for a misspelt column, the nearest one
CsvSelection select_columns(const std::vector<std::string>& columns, const CsvOptions& options);

/// The index of the share that a row belongs to; nothing where the shares leave it out.
std::optional<std::size_t> share_of_row(const CsvSelection& selection, uint64_t seed, int64_t row);

}  // namespace trunkline
