// What is in an HDF5 file and whether it can be trained on, for `trunkline data inspect`.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/h5/io_thread.hpp"

namespace trunkline {

struct DatasetReport {
  std::string path;            ///< absolute
  std::vector<int64_t> shape;  ///< empty for a scalar
  std::string type;            ///< "u8", "f32 big-endian", "enum of 3 (u8)", "compound", …
  std::string layout;          ///< contiguous, chunked, compact, virtual
  std::vector<int64_t> chunk;
  std::vector<std::string> filters;
  int64_t stored_bytes = 0, raw_bytes = 0;
  std::string role;  ///< input, target, valid, weight, group_id, split, or empty

  // Of targets, and kind and number of inputs that are tokens.
  std::string kind;
  std::optional<int64_t> num_classes;
  std::vector<std::string> class_names;
  std::vector<int64_t> class_counts;    ///< of up to 1000 classes; empty for large fields
  std::optional<double> share_missing;  ///< by _valid, ignore_value or NaN; none for large fields

  std::vector<std::string> warnings;  ///< it can be read, but slowly, or looks odd
  std::string problem;                ///< why it cannot be read; empty if it can
};

struct SplitReport {
  std::string name, kind;  ///< kind: "group" or "index array"
  int64_t rows = 0;
};

struct FileReport {
  std::string path, group;
  int64_t size = 0;
  std::vector<DatasetReport> datasets;  ///< all below the group, by path
  std::vector<SplitReport> splits;
  int64_t rows = 0, groups = 0, group_rows = 0;  ///< of the training split, if it can be opened
  std::string problem;                           ///< why it cannot be trained on; empty if it can
  bool trainable() const { return problem.empty(); }
};

/// Describes FILE or FILE#/GROUP. Reads labels and masks of up to 64 MiB, no inputs. What is wrong
/// with single data sets stands in the report. Thread-safe.
/// @throws DataError if the file cannot be opened at all or the group does not exist
FileReport inspect(const std::string& specification, const std::shared_ptr<IoThread>& io);

/// The report as JSON, with the names of the members above; absent numbers are null.
nlohmann::json to_json(const FileReport& report);

}  // namespace trunkline
