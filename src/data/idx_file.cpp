#include "trunkline/data/idx_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr uint8_t kUnsignedByte = 8;
constexpr int64_t kMaxItemBytes = 64 << 20;  // a header is not to be trusted with more memory

int64_t big_endian(std::span<const uint8_t, 4> bytes) {
  return int64_t{bytes[0]} << 24 | int64_t{bytes[1]} << 16 | int64_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

void IdxFile::Close::operator()(gzFile_s* file) const { gzclose_r(file); }

IdxFile::IdxFile(const std::string& path, int64_t dimensions) : path_(path) {
  check<DataError>(std::filesystem::is_regular_file(path), "{}: no such file", path);
  file_.reset(gzopen(path.c_str(), "rb"));  // reads plain files, too
  check<DataError>(file_ != nullptr, "{}: cannot be opened for reading", path);
  gzbuffer(file_.get(), 1 << 17);
  read_header(dimensions);
  check_size();
}

void IdxFile::read_header(int64_t dimensions) {
  std::array<uint8_t, 4> word{};
  check<DataError>(read_some(word) == 4 && word[0] == 0 && word[1] == 0,
                   "{}: not an idx file: it must begin with two zero bytes, a type and a number of "
                   "dimensions, found {:02x} {:02x} {:02x} {:02x}",
                   path_, word[0], word[1], word[2], word[3]);
  check<DataError>(word[2] == kUnsignedByte,
                   "{}: idx element type 0x{:02x}; only unsigned bytes (0x08) are read", path_,
                   word[2]);
  check<DataError>(word[3] == dimensions, "{}: {} dimensions; expected {}", path_, word[3],
                   dimensions);
  for (int64_t i = 0; i < dimensions; ++i) {
    check<DataError>(read_some(word) == 4, "{}: ends within its header", path_);
    shape_.push_back(big_endian(word));
    check<DataError>(shape_.back() > 0, "{}: dimension {} is 0; expected at least 1", path_, i);
    check<DataError>(i == 0 || item_bytes() <= kMaxItemBytes,
                     "{}: an item of {} bytes or more; at most {} are read", path_, item_bytes(),
                     kMaxItemBytes);
  }
}

// Before anyone allocates what the header asks for.
void IdxFile::check_size() {
  constexpr int64_t kDeflateLimit = 1032;  // no stream expands more than that
  const int64_t header = 4 + 4 * static_cast<int64_t>(shape_.size());
  const int64_t expected = header + items() * item_bytes();
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path_));
  const bool plain = gzdirect(file_.get()) == 1;
  check<DataError>(plain ? size == expected : size >= expected / kDeflateLimit,
                   "{}: {} bytes{}; {} items of {} bytes need {}", path_, size,
                   plain ? "" : " of gzip", items(), item_bytes(), expected);
}

int64_t IdxFile::item_bytes() const {
  int64_t bytes = 1;
  for (const int64_t extent : item_shape()) bytes *= extent;
  return bytes;
}

int64_t IdxFile::read_some(std::span<uint8_t> out) {
  const int64_t got = gzread(file_.get(), out.data(), static_cast<unsigned>(out.size()));
  int code = Z_OK;
  const char* message = gzerror(file_.get(), &code);
  check<DataError>(code == Z_OK || code == Z_STREAM_END, "{}: damaged or cut short: {}", path_,
                   message);
  return got;
}

void IdxFile::read(std::span<uint8_t> out) {
  constexpr std::size_t kBlock = 1 << 30;  // zlib counts in ints
  while (!out.empty()) {
    const auto part = out.first(std::min(out.size(), kBlock));
    const int64_t got = read_some(part);
    bytes_read_ += got;
    check<DataError>(got == static_cast<int64_t>(part.size()),
                     "{}: ends after {} bytes of data; its header says {} items of {} bytes", path_,
                     bytes_read_, items(), item_bytes());
    out = out.subspan(part.size());
  }
}

void IdxFile::expect_end() {
  std::array<uint8_t, 1> byte{};
  check<DataError>(read_some(byte) == 0, "{}: longer than its header says: {} items of {} bytes",
                   path_, items(), item_bytes());
}

std::string find_idx(const std::string& folder, const std::string& name) {
  const std::string plain = (std::filesystem::path(folder) / name).string();
  for (const std::string& path : {plain, plain + ".gz"})
    if (std::filesystem::exists(path)) return path;
  throw DataError(fmt::format("{}: neither {} nor {}.gz is there", folder, name, name));
}

}  // namespace trunkline
