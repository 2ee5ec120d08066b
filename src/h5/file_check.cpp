#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/file.hpp"

namespace trunkline::h5 {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n"sv;

class Descriptor {
 public:
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  explicit Descriptor(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

  std::string read(int64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    const ssize_t got = pread(fd_, bytes.data(), size, offset);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

 private:
  int fd_;
};

std::string_view recognise(std::string_view head) {
  if (head.starts_with("\x1f\x8b"sv)) return "gzip; unpack it first"sv;
  if (head.starts_with("PK\x03\x04"sv)) return "a zip or npz archive"sv;
  if (head.starts_with("version https://git-lfs"sv))
    return "a Git LFS pointer; fetch the file with git lfs pull"sv;
  if (head.starts_with("\x93NUMPY"sv)) return "a NumPy npy file"sv;
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return "zstd; unpack it first"sv;
  std::string lower(head);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower.find("<html") != std::string::npos || lower.find("<!doctype") != std::string::npos)
    return "an HTML page; the download failed"sv;
  const bool text = std::ranges::all_of(
      head, [](unsigned char c) { return c >= 32 || c == '\n' || c == '\r' || c == '\t'; });
  return text ? "text"sv : "another binary format"sv;
}

// Offset of the superblock: 0, 512, 1024, 2048, …
std::optional<int64_t> superblock(const Descriptor& file, int64_t size) {
  for (int64_t offset = 0; offset + 8 <= size; offset = offset == 0 ? 512 : offset * 2)
    if (file.read(offset, kSignature.size()) == kSignature) return offset;
  return std::nullopt;
}

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

// The end of the file as the superblock states it; 0 where it cannot be told.
uint64_t stated_size(std::string_view block) {
  constexpr std::array<std::size_t, 4> kEnd = {40, 44, 28, 28};  // by version, with 8-byte offsets
  if (block.size() < 64) return 0;
  const auto version = static_cast<unsigned char>(block[8]);
  if (version >= kEnd.size()) return 0;
  const char offset_bytes = version < 2 ? block[13] : block[9];
  return offset_bytes == 8 ? little_endian(block.substr(kEnd[version], 8)) : 0;
}

void check_complete(const std::string& path, std::string_view block, int64_t size) {
  check<DataError>(block.size() > 8 && block[8] <= 3,
                   "{}: written by an HDF5 newer than 1.10; rewrite it with h5repack --high=v110",
                   path);
  const uint64_t stated = stated_size(block);
  const auto real = static_cast<uint64_t>(size);
  check<DataError>(stated <= real || stated == UINT64_MAX,
                   "{}: truncated: {} bytes of {}, {:.1f} % are missing; copy it again", path, size,
                   stated, 100.0 * (1.0 - static_cast<double>(real) / static_cast<double>(stated)));
}

}  // namespace

void check_file(const std::string& path) {
  struct stat status = {};
  const int error = stat(path.c_str(), &status) == 0 ? 0 : errno;
  check<DataError>(error == 0, "{}: {}", path,
                   error == ENOENT ? "no such file" : std::strerror(error));
  check<DataError>(!S_ISDIR(status.st_mode), "{}: is a folder; expected an HDF5 file", path);
  check<DataError>(S_ISREG(status.st_mode), "{}: is not a regular file; expected an HDF5 file",
                   path);
  check<DataError>(status.st_size > 0, "{}: is empty (0 bytes); expected an HDF5 file", path);
  const Descriptor file(path);
  const int open_error = errno;
  check<DataError>(file.get() >= 0, "{}: {}", path, std::strerror(open_error));
  const auto offset = superblock(file, status.st_size);
  check<DataError>(offset.has_value(), "{}: not an HDF5 file; it looks like {} ({} bytes)", path,
                   recognise(file.read(0, 256)), status.st_size);
  check_complete(path, file.read(*offset, 96), status.st_size);
  check<DataError>(flock(file.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK,
                   "{}: another process has the file open for writing", path);
}

}  // namespace trunkline::h5
