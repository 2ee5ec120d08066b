#include <algorithm>

#include "digit_datasets.hpp"
#include "mnist_files.hpp"
#include "stopwatch.hpp"
#include "trunkline/data/convert.hpp"

namespace trunkline {
namespace {

int64_t convert_split(const std::string& folder, const std::string& prefix,
                      const std::string& group, h5::Writer& file) {
  MnistFiles input(folder, prefix);
  const int64_t rows = input.items(),
                block = std::max<int64_t>(1, (1 << 20) / input.picture_bytes());
  const std::vector<int64_t> shape = {1, input.picture_shape()[0], input.picture_shape()[1]};
  h5::DatasetWriter& x = create_pictures(file, group + "/x", rows, shape, 1.0 / 255, 0.0);
  h5::DatasetWriter& y = create_labels(file, group + "/y", rows);
  for (int64_t row = 0; row < rows; row += block) {
    const LabelledPictures part = input.read(std::min(block, rows - row));
    x.append(std::span<const uint8_t>(part.pixels));
    y.append(std::span<const uint8_t>(part.labels));
  }
  input.expect_end();
  return rows;
}

}  // namespace

WriteSummary convert_mnist_idx(const std::string& folder, const std::string& path, bool force,
                               const std::shared_ptr<IoThread>& io) {
  const Stopwatch watch;
  h5::Writer file(path, force, io);
  describe_file(file, "pictures and labels of idx files");
  const int64_t rows =
      convert_split(folder, "train", "train", file) + convert_split(folder, "t10k", "test", file);
  const int64_t bytes = file.finish();
  return {rows, bytes, watch.seconds()};
}

}  // namespace trunkline
