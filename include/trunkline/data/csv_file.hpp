// Reads CSV files (RFC 4180), plain or gzipped, record by record.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct gzFile_s;  // zlib's

namespace trunkline {

/// A text file whose first record names the columns. Fields may be quoted, and then hold
/// delimiters, line breaks and doubled quotes; lines end in LF or CRLF; a UTF-8 byte order mark and
/// blank lines are passed over. Fields come as they are, spaces included. Memory: one record.
/// Source of the format: RFC 4180. Not thread-safe.
/// @throws DataError that names file and line
class CsvFile {
 public:
  /// Opens the file and reads the names. A column without a name is called column_N, from 1.
  /// @throws DataError also where a name occurs twice or is not UTF-8
  explicit CsvFile(const std::string& path, char delimiter = ',');

  const std::string& path() const { return path_; }
  const std::vector<std::string>& columns() const { return columns_; }

  /// The next record, with a field per column; false at the end.
  bool next(std::vector<std::string>& fields);
  /// The line that the last record began on, from 1.
  int64_t line() const { return record_line_; }

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };

  void read_names();
  bool read_record(std::vector<std::string>& fields);
  bool read_field(std::string& field);
  void read_quoted(std::string& field);
  void read_plain(std::string& field);
  int peek();  ///< the next byte, or kEnd
  int get();
  void refill();
  std::string here() const;  ///< "FILE:LINE"

  std::string path_;
  char delimiter_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::vector<std::string> columns_;
  std::vector<unsigned char> buffer_;
  std::size_t position_ = 0, filled_ = 0;
  int64_t line_ = 1, record_line_ = 0;
  bool quoted_ = false;  // the last field
};

/// Names of classes and columns end up in JSON, which must be UTF-8.
bool is_utf8(const std::string& text);

/// A field for a message: quoted, on one line, cut where it is long.
std::string shown(const std::string& field);

}  // namespace trunkline
