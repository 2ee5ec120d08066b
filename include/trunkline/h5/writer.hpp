// Writes a new HDF5 file in bounded memory: whole or not at all, and the same bytes every time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/h5/dataset_writer.hpp"
#include "trunkline/h5/handle.hpp"
#include "trunkline/h5/io_thread.hpp"
#include "trunkline/h5/write_attribute.hpp"

namespace trunkline::h5 {

/// Everything goes to PATH.tmp, which finish() renames to PATH; without finish() it is removed. The
/// format is the oldest that the library can write, so that every reader can read it, and holds no
/// time stamps. Not thread-safe; calls of the library run on the given thread.
/// @throws CheckpointError, naming file and data set, when the disk refuses
class Writer {
 public:
  /// @param force replace an existing file
  /// @throws UsageError if `path` exists and `force` is not given, is no regular file, or lies in a
  ///   folder that does not exist
  Writer(const std::string& path, bool force, std::shared_ptr<IoThread> io);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// A new data set, owned by the writer; the reference is good until finish().
  DatasetWriter& create(const DatasetLayout& layout);

  /// @param object path of a group or data set inside the file; "/" is the file itself
  void attribute(const std::string& object, const std::string& name, const AttributeValue& value);

  /// Puts the file in place, durably, and returns its size in bytes.
  /// @throws BugError if a data set lacks rows
  int64_t finish();

 private:
  std::string path_, temporary_;
  std::shared_ptr<IoThread> io_;
  bool in_place_ = false;
  Handle file_;
  std::vector<std::unique_ptr<DatasetWriter>> datasets_;  // after file_: closed before it
};

}  // namespace trunkline::h5
