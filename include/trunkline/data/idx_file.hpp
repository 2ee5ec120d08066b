// Reads idx files, the format of MNIST, plain or gzipped.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct gzFile_s;  // zlib's

namespace trunkline {

/// An idx file of unsigned bytes, read from front to back. The format: two zero bytes, a type (8
/// for unsigned bytes), the number of dimensions (here 1 to 4), a big-endian u32 for each, the
/// elements. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
/// Not thread-safe. @throws DataError that names the file and what was expected and found
class IdxFile {
 public:
  /// Opens and checks the header. @param dimensions 1 to 4, how many the file must have
  IdxFile(const std::string& path, int64_t dimensions);

  const std::string& path() const { return path_; }
  int64_t items() const { return shape_[0]; }
  /// Of one item; empty for labels.
  std::vector<int64_t> item_shape() const { return {shape_.begin() + 1, shape_.end()}; }
  int64_t item_bytes() const;

  /// The next whole items, as many as fit `out`.
  void read(std::span<uint8_t> out);
  /// The file has no more bytes than its header says, and its gzip checksum is right.
  void expect_end();

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };

  int64_t read_some(std::span<uint8_t> out);
  void read_header(int64_t dimensions);
  void check_size();

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::vector<int64_t> shape_;
  int64_t bytes_read_ = 0;  // after the header
};

/// DIR/NAME or, if there is none, DIR/NAME.gz. @throws DataError if neither exists
std::string find_idx(const std::string& folder, const std::string& name);

}  // namespace trunkline
