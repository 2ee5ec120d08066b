// An HDF5 file that is open for reading, and what is checked before the library sees it.
#pragma once

#include <cstdint>
#include <string>

#include "trunkline/h5/file_watch.hpp"
#include "trunkline/h5/handle.hpp"

namespace trunkline::h5 {

/// Refuses what is not a readable, complete HDF5 file without handing it to the library: absent, no
/// permission, a folder, a pipe, empty, another format (named, where it is recognised), shorter
/// than its superblock says, or being written by another process. Needs no IoThread.
/// @throws DataError, "FILE: what"
void check_file(const std::string& path);

/// A file open for reading, external links off. Use on the IoThread only.
class File {
 public:
  /// @throws DataError as check_file does, or if the library refuses the file
  explicit File(const std::string& path);

  hid_t id() const { return handle_.get(); }
  const std::string& path() const { return path_; }
  int64_t size() const { return size_; }  ///< bytes, when it was opened

  /// To be asked after each block that was read. @throws DataError if the file was written to
  void check_unchanged() const { watch_.check_unchanged(); }

 private:
  std::string path_;
  FileWatch watch_;
  int64_t size_ = 0;
  Handle handle_;
};

/// An access list with which no external link is followed, in any part of a path.
Handle link_access();

/// The same for data sets, with the chunk cache off: readers take whole blocks of rows.
Handle dataset_access();

/// Opens a group. @throws DataError "FILE:/GROUP: …" with what it is instead, or the groups there
/// are
Handle open_group(const File& file, const std::string& group);

}  // namespace trunkline::h5
