// A file of pictures and the file of their labels, side by side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/data/idx_file.hpp"

namespace trunkline {

/// Pictures (n, height, width) and their labels, in order.
struct LabelledPictures {
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
};

/// Not thread-safe. @throws DataError that names the file
class MnistFiles {
 public:
  static constexpr int64_t kClasses = 10;

  /// @param prefix "train" or "t10k"
  MnistFiles(const std::string& folder, const std::string& prefix);

  int64_t items() const { return images_.items(); }
  int64_t picture_bytes() const { return images_.item_bytes(); }
  std::vector<int64_t> picture_shape() const { return images_.item_shape(); }
  const std::string& images_path() const { return images_.path(); }

  /// The next `count` of them; labels are in range.
  LabelledPictures read(int64_t count);
  /// To be called after the last read.
  void expect_end();

 private:
  IdxFile images_, labels_;
  int64_t items_read_ = 0;
};

}  // namespace trunkline
