#include "trunkline/store/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "system_error.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

/// Repeats a system call that a signal interrupted.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

File::File(std::filesystem::path path, int flags, const char* action) : path_(std::move(path)) {
  descriptor_ = retry([&] { return ::open(path_.c_str(), flags | O_CLOEXEC, 0666); });
  if (descriptor_ < 0) throw_system_error(path_, action, errno);
}

File File::create(const std::filesystem::path& path) {
  return {path, O_WRONLY | O_CREAT | O_EXCL, "create the file"};
}

File File::open_for_writing(const std::filesystem::path& path) {
  return {path, O_WRONLY, "open the file for writing"};
}

File File::open_for_reading(const std::filesystem::path& path) {
  // Without O_NONBLOCK a pipe of that name would block for ever.
  File file(path, O_RDONLY | O_NONBLOCK, "open the file");
  struct stat status = {};
  if (::fstat(file.descriptor_, &status) != 0) throw_system_error(path, "inspect the file", errno);
  check<CheckpointError>(S_ISREG(status.st_mode), "{}: not a regular file", path.string());
  return file;
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::preallocate(int64_t bytes) {
  if (bytes == 0) return;
  if (retry([&] { return ::fallocate(descriptor_, 0, 0, bytes); }) == 0) return;
  if (errno == EOPNOTSUPP || errno == ENOSYS)
    if (retry([&] { return ::ftruncate(descriptor_, bytes); }) == 0) return;
  throw_system_error(path_, fmt::format("reserve {} bytes", bytes), errno, bytes);
}

void File::write(int64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n =
        retry([&] { return ::pwrite(descriptor_, bytes.data(), bytes.size(), offset); });
    const auto left = static_cast<int64_t>(bytes.size());
    if (n <= 0)  // no error and no progress would loop for ever
      throw_system_error(path_, fmt::format("write {} bytes at {}", left, offset),
                         n < 0 ? errno : EIO, left);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

void File::read(int64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t n =
        retry([&] { return ::pread(descriptor_, bytes.data(), bytes.size(), offset); });
    if (n < 0)
      throw_system_error(path_, fmt::format("read {} bytes at {}", bytes.size(), offset), errno);
    check<CheckpointError>(n > 0, "{}: ends at byte {}; expected {} more", path_.string(), offset,
                           bytes.size());
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += n;
  }
}

int64_t File::size() const {
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) throw_system_error(path_, "inspect the file", errno);
  return status.st_size;
}

void File::sync() {
  if (retry([&] { return ::fsync(descriptor_); }) != 0)
    throw_system_error(path_, "make the file durable", errno);
}

void File::close() {
  // Linux closes the descriptor even where close fails, so it is never closed twice.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR)
    throw_system_error(path_, "close the file", errno);
}

std::string read_file(const std::filesystem::path& path, int64_t limit) {
  const File file = File::open_for_reading(path);
  const int64_t size = file.size();
  check<CheckpointError>(size <= limit, "{}: has {} bytes; expected at most {}", path.string(),
                         size, limit);
  std::string text(static_cast<std::size_t>(size), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

void write_new_file(const std::filesystem::path& path, std::string_view text) {
  File file = File::create(path);
  file.write(0, std::as_bytes(std::span(text)));
  file.sync();
  file.close();
}

}  // namespace trunkline
