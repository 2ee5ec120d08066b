// The codes and classes of a table that was converted before.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "csv_encode.hpp"
#include "trunkline/h5/io_thread.hpp"

namespace trunkline {

struct CsvLike {
  std::string path;
  std::vector<std::string> columns;       ///< of x
  std::map<std::string, CsvCodes> codes;  ///< by column, where it has codes; 0 for the first value
  std::map<std::string, std::vector<std::string>> classes;  ///< names by target

  /// The classes of a column of labels. @throws DataError for a label that is no class there
  CsvCodes classes_of(const std::string& path, const CsvTarget& target,
                      const CsvColumnFacts& facts) const;
};

/// Reads them from FILE or FILE#/GROUP: from the group itself, or from train in it.
/// @throws DataError where the file was not written with --text codes
CsvLike read_like(const std::string& file, const CsvSelection& selection,
                  const std::shared_ptr<IoThread>& io);

/// The name of a class: numbers are written in one way.
std::string class_name(const CsvColumnFacts& facts, const std::string& value);

}  // namespace trunkline
