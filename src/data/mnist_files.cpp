#include "mnist_files.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

MnistFiles::MnistFiles(const std::string& folder, const std::string& prefix)
    : images_(find_idx(folder, prefix + "-images-idx3-ubyte"), 3),
      labels_(find_idx(folder, prefix + "-labels-idx1-ubyte"), 1) {
  check<DataError>(images_.items() == labels_.items(), "{}: {} labels for the {} pictures of {}",
                   labels_.path(), labels_.items(), images_.items(), images_.path());
}

LabelledPictures MnistFiles::read(int64_t count) {
  LabelledPictures block;
  block.pixels.resize(static_cast<std::size_t>(count * picture_bytes()));
  block.labels.resize(static_cast<std::size_t>(count));
  images_.read(block.pixels);
  labels_.read(block.labels);
  for (const uint8_t label : block.labels) {
    check<DataError>(label < kClasses, "{}: label {} of item {}; expected 0 to {}", labels_.path(),
                     label, items_read_, kClasses - 1);
    ++items_read_;
  }
  return block;
}

void MnistFiles::expect_end() {
  images_.expect_end();
  labels_.expect_end();
}

}  // namespace trunkline
