// The rows of one group in each file of a source, as one table of columns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/data/row_groups.hpp"
#include "trunkline/h5/dataset.hpp"
#include "trunkline/h5/io_thread.hpp"
#include "trunkline/h5/schema.hpp"

namespace trunkline {

/// A file of a source and the group in it that the source names. The file closes on the IoThread.
struct OpenFile {
  std::shared_ptr<h5::File> file;
  std::string group;
};

/// Small columns are held in memory, the others are read in blocks. Opened and checked on the
/// IoThread; afterwards immutable and thread-safe.
class H5Table {
 public:
  struct Options {
    std::string label;  ///< of the source, for messages
    std::string input;
    std::vector<std::string> targets;
    bool allow_fill = false;
  };
  /// @param split_group group of the split below each file's group; empty for the group itself
  H5Table(std::shared_ptr<IoThread> io, const std::vector<OpenFile>& files,
          const std::string& split_group, const Options& options);
  ~H5Table();
  H5Table(const H5Table&) = delete;
  H5Table& operator=(const H5Table&) = delete;

  int64_t rows() const { return part_begin_.back(); }
  /// First rows of the files, and the number of all rows.
  const std::vector<int64_t>& part_begin() const { return part_begin_; }
  const std::vector<Column>& columns() const { return columns_; }
  std::size_t column(const std::string& name) const;  ///< @throws BugError
  const std::vector<FieldDescription>& inputs() const { return inputs_; }
  const std::vector<FieldDescription>& targets() const { return targets_; }
  std::vector<FieldDescription>& targets() { return targets_; }

  /// Of the inputs: decoded bytes per row, and rows of a group.
  int64_t input_row_bytes() const { return input_row_bytes_; }
  int64_t group_rows() const { return group_rows_; }

  /// "FILE:/dataset" of a column where a row lies, and the row's number in that file.
  struct Place {
    std::string label;
    int64_t row = 0;
  };
  Place place(std::size_t column, int64_t row) const;

  /// Reads rows of one column, over the borders of files. Thread-safe. @throws DataError
  void read(std::size_t column, int64_t first, int64_t count, std::byte* out) const;

  /// Hash of sizes, shapes, types, first and last rows.
  uint64_t fingerprint() const;

 private:
  struct Part;

  void open_part(const OpenFile& file, const std::string& split_group, const Options& options);
  void describe(const OpenFile& file, const std::string& group, const Options& options);
  void add_columns(const FieldDescription& field, const std::string& dataset);
  void check_part(const Part& part) const;
  void check_codes(const OpenFile& file, const std::string& group) const;
  void choose_groups();
  void load_small_columns();
  void read_part(std::size_t part, std::size_t column, int64_t first, int64_t count,
                 std::byte* out) const;

  std::shared_ptr<IoThread> io_;
  std::string label_;
  std::vector<Column> columns_;
  std::vector<std::string> datasets_;  // of each column, relative to the group
  std::vector<FieldDescription> inputs_, targets_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<int64_t> part_begin_ = {0};
  std::vector<std::vector<std::byte>> small_;  // whole columns; empty for those read in blocks
  int64_t input_row_bytes_ = 0, group_rows_ = 1;
};

}  // namespace trunkline
