// How the cells of a table become numbers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "csv_scan.hpp"

namespace trunkline {

/// The numbers of the values of a column: 0 for the smallest number, or the first name.
struct CsvCodes {
  std::map<std::string, int64_t> code;  ///< of a cell; cells of equal number share one ("1", "1.0")
  std::vector<std::string> names;       ///< by code

  /// Whether every name is its code, as labels of most files are.
  bool plain() const;
};

/// @throws DataError where the column has too many values, or text that is not UTF-8
CsvCodes number_values(const std::string& path, const CsvColumnFacts& facts);

struct CsvLike;

/// One column of the table as some columns of x.
struct CsvInput {
  enum class Form { kNumber, kOneHot, kCode };
  std::size_t column = 0;
  Form form = Form::kNumber;
  CsvCodes codes;
  std::vector<std::string> names;  ///< of the columns of x
};

struct CsvOutput {
  CsvTarget target;  ///< with a kind
  CsvCodes codes;    ///< of a classification
  bool any_missing = false;
};

struct CsvEncoding {
  std::vector<CsvInput> inputs;
  std::vector<CsvOutput> outputs;
  float fill = 0;
  std::vector<std::string> notes;

  std::vector<std::string> feature_names() const;
  /// Per column of x: how many codes it has, 0 for a number. Empty where no column has codes.
  std::vector<int64_t> code_counts() const;
};

/// Decides the form of every column. @param like whose codes and classes are used; may be null
/// @throws UsageError or DataError where a column does not fit
CsvEncoding choose_encoding(const std::string& path, const CsvOptions& options,
                            const CsvSelection& selection, const CsvFacts& facts,
                            const CsvLike* like = nullptr);

/// A cell as float32. @throws DataError "FILE:LINE: column …" for text or a number beyond its range
float float_cell(const CsvFile& file, const std::string& column, const std::string& cell);

}  // namespace trunkline
