// Notices that a file changes while it is read.
#pragma once

#include <sys/stat.h>

#include <string>

namespace trunkline::h5 {

/// Remembers size and time of the last change of a file. The HDF5 library reads what was cut off as
/// zeros, without an error, so readers ask after each block. A file that is replaced by renaming
/// another one over it does not change: the old one stays readable. Thread-safe.
class FileWatch {
 public:
  /// @throws DataError if the file cannot be opened
  explicit FileWatch(const std::string& path);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// @throws DataError "FILE: changed during the run (size A -> B)"
  void check_unchanged() const;

 private:
  struct stat status() const;

  std::string path_;
  int fd_;
  struct stat before_ = {};
};

}  // namespace trunkline::h5
