// Files that survive a power cut: one thin layer over the system calls, each of them checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace trunkline {

/// An open file. Every failure is a CheckpointError "PATH: cannot DO: CAUSE"; on a full disk it
/// also gives the bytes needed and the bytes free. Offsets are absolute, so reading from several
/// threads is safe. Modes obey the umask.
class File {
 public:
  static File create(const std::filesystem::path& path);  ///< for writing; it must not exist
  static File open_for_writing(const std::filesystem::path& path);  ///< it must exist
  static File open_for_reading(const std::filesystem::path& path);  ///< a regular file
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  /// Reserves the space, so that a full disk shows before anything is written; file systems that
  /// cannot do that only set the size.
  void preallocate(int64_t bytes);
  void write(int64_t offset, std::span<const std::byte> bytes);
  /// Fills the span; the end of the file before that is an error.
  void read(int64_t offset, std::span<std::byte> bytes) const;
  int64_t size() const;
  /// fsync. After a failure the file must be written anew: the kernel has forgotten what it could
  /// not write.
  void sync();
  /// Closes and reports what only closing finds out (quotas on network file systems).
  void close();
  const std::filesystem::path& path() const { return path_; }

 private:
  File(std::filesystem::path path, int flags, const char* action);
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// Creates the folder and its missing parents, durably. @throws CheckpointError
void create_folders(const std::filesystem::path& path);

/// fsync of a folder: makes created, renamed and removed names in it durable.
void sync_folder(const std::filesystem::path& path);

/// Renames within one file system; a file or an empty folder of the new name is replaced. Not
/// durable before sync_folder of the parent.
void rename_path(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file or folder with all that is in it, if it is there. Does not follow links.
void remove_tree(const std::filesystem::path& path);

/// The whole text of a regular file of at most `limit` bytes. @throws CheckpointError
std::string read_file(const std::filesystem::path& path, int64_t limit);

/// Writes a new file and makes its content durable (its name not before sync_folder).
void write_new_file(const std::filesystem::path& path, std::string_view text);

/// Replaces a file as a whole: after a crash there is the old text or the new one, never a mix.
void write_file_durably(const std::filesystem::path& path, std::string_view text);

}  // namespace trunkline
