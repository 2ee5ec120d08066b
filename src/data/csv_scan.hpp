// What the cells of a table are: the first of the two passes over a CSV file.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "csv_selection.hpp"
#include "trunkline/data/csv_file.hpp"

namespace trunkline {

/// A cell without spaces around it; nothing where it is missing.
std::optional<std::string> present_cell(const std::string& field, const CsvOptions& options);

/// The finite number that a cell is, in C's notation without hexadecimal forms; nothing for text.
std::optional<double> number_of(const std::string& cell);

struct CsvColumnFacts {
  /// A cell and its line, for messages; line 0: there is none.
  struct Cell {
    int64_t line = 0;
    std::string text;
  };
  std::string name;
  bool numeric = true;             ///< every cell that is not missing is a number
  bool overflow = false;           ///< there are more values than were collected
  int64_t numbers = 0, texts = 0;  ///< cells of either kind
  std::set<std::string> values;
  Cell first_text, first_missing;

  bool any_missing() const { return first_missing.line > 0; }
};

struct CsvFacts {
  std::vector<CsvColumnFacts> columns;  ///< all of the table
  std::vector<int64_t> share_rows;      ///< of each share of the selection
};

/// Reads the whole table. @throws DataError where it has no rows, or a share has none
CsvFacts scan_csv(const std::string& path, const CsvOptions& options,
                  const CsvSelection& selection);

}  // namespace trunkline
