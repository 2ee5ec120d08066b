#include "trunkline/h5/file_watch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "trunkline/core/error.hpp"

namespace trunkline::h5 {

FileWatch::FileWatch(const std::string& path) : path_(path), fd_(open(path.c_str(), O_RDONLY)) {
  const int error = errno;
  check<DataError>(fd_ >= 0, "{}: {}", path_, std::strerror(error));
  before_ = status();
}

FileWatch::~FileWatch() { close(fd_); }

struct stat FileWatch::status() const {
  struct stat now = {};
  if (fstat(fd_, &now) != 0) now.st_size = -1;
  return now;
}

void FileWatch::check_unchanged() const {
  const struct stat now = status();
  check<DataError>(now.st_size == before_.st_size && now.st_mtim.tv_sec == before_.st_mtim.tv_sec &&
                       now.st_mtim.tv_nsec == before_.st_mtim.tv_nsec,
                   "{}: changed during the run (size {} -> {}); start again with files that nobody "
                   "writes to",
                   path_, before_.st_size, now.st_size);
}

}  // namespace trunkline::h5
