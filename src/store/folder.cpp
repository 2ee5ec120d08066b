// The operations of file.hpp on names and folders.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "system_error.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/store/file.hpp"

namespace trunkline {
namespace {

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace

void create_folders(const std::filesystem::path& path) {
  if (path.empty() || is_folder(path)) return;
  const std::filesystem::path parent = parent_of(path);
  if (parent != path) create_folders(parent);
  if (::mkdir(path.c_str(), 0777) != 0 && !(errno == EEXIST && is_folder(path)))
    throw_system_error(path, "create the folder", errno);
  sync_folder(parent);
}

void sync_folder(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_system_error(path, "open the folder", errno);
  int result = ::fsync(descriptor);
  while (result != 0 && errno == EINTR) result = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  // EINVAL: a file system whose folders need no fsync.
  if (result != 0 && code != EINVAL) throw_system_error(path, "make the folder durable", code);
}

void rename_path(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw_system_error(from, fmt::format("rename it to {}", to.string()), errno);
}

void remove_tree(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) throw_system_error(path, "remove it", error.value());
}

void write_file_durably(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary =
      parent_of(path) / fmt::format(".{}.partial", path.filename().string());
  remove_tree(temporary);
  write_new_file(temporary, text);
  rename_path(temporary, path);
  sync_folder(parent_of(path));
}

}  // namespace trunkline
