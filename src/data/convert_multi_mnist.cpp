#include <algorithm>
#include <array>

#include "digit_datasets.hpp"
#include "mnist_files.hpp"
#include "stopwatch.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/data/convert.hpp"

namespace trunkline {
namespace {

constexpr int64_t kSide = 28;
constexpr int64_t kCanvas = 36;
constexpr int64_t kShift = 6;  // of the right digit, down and to the right
constexpr int64_t kPixels = kSide * kSide;
constexpr double kMean = 0.1307, kDeviation = 0.3081;  // of MNIST's training pixels in [0, 1]

using Picture = std::array<uint8_t, kPixels>;

uint8_t pixel(const uint8_t* digit, int64_t row, int64_t column) {
  const bool inside = row >= 0 && row < kSide && column >= 0 && column < kSide;
  return inside ? digit[row * kSide + column] : uint8_t{0};
}

// Looks up only those pixels of the canvas that its nearest-neighbour reduction keeps.
Picture overlay(const uint8_t* left, const uint8_t* right) {
  Picture picture;
  for (int64_t i = 0; i < kPixels; ++i) {
    const int64_t row = i / kSide * kCanvas / kSide, column = i % kSide * kCanvas / kSide;
    picture[static_cast<std::size_t>(i)] =
        std::max(pixel(left, row, column), pixel(right, row - kShift, column - kShift));
  }
  return picture;
}

struct MultiMnistSplit {
  std::string name;
  LabelledPictures pool;

  int64_t rows() const { return static_cast<int64_t>(pool.labels.size()); }
  const uint8_t* digit(std::size_t i) const { return pool.pixels.data() + i * kPixels; }
  std::size_t partner(uint64_t seed, std::size_t row) const {
    const uint64_t split = name_key(name);
    return static_cast<std::size_t>(uniform(key({seed, split, row})) * static_cast<double>(rows()));
  }
};

int64_t write_split(h5::Writer& file, const MultiMnistSplit& split, uint64_t seed) {
  h5::DatasetWriter& x = create_pictures(file, split.name + "/x", split.rows(), {1, kSide, kSide},
                                         1 / (255 * kDeviation), -kMean / kDeviation);
  h5::DatasetWriter& left = create_labels(file, split.name + "/left", split.rows());
  h5::DatasetWriter& right = create_labels(file, split.name + "/right", split.rows());
  for (std::size_t row = 0; row < split.pool.labels.size(); ++row) {
    const std::size_t other = split.partner(seed, row);
    const Picture picture = overlay(split.digit(row), split.digit(other));
    x.append(std::span<const uint8_t>(picture));
    left.append(split.pool.labels[row]);
    right.append(split.pool.labels[other]);
  }
  return split.rows();
}

MnistFiles open_digits(const std::string& folder, const std::string& prefix) {
  MnistFiles files(folder, prefix);
  const std::vector<int64_t> shape = files.picture_shape();
  check<DataError>(shape == std::vector<int64_t>{kSide, kSide},
                   "{}: pictures of {} x {} pixels; expected {} x {}", files.images_path(),
                   shape[0], shape[1], kSide, kSide);
  return files;
}

}  // namespace

WriteSummary convert_multi_mnist(const std::string& folder, const std::string& path,
                                 const MultiMnistOptions& options,
                                 const std::shared_ptr<IoThread>& io) {
  const Stopwatch watch;
  h5::Writer file(path, options.force, io);
  describe_file(file, fmt::format("pairs of MNIST digits, seed {}", options.seed));
  MnistFiles training = open_digits(folder, "train"), test = open_digits(folder, "t10k");
  check<DataError>(training.items() >= 2, "{}: 1 picture; train and valid need one each",
                   training.images_path());
  const int64_t cut = std::max<int64_t>(1, training.items() * 5 / 6);
  int64_t rows = write_split(file, {"train", training.read(cut)}, options.seed);
  rows += write_split(file, {"valid", training.read(training.items() - cut)}, options.seed);
  rows += write_split(file, {"test", test.read(test.items())}, options.seed);
  training.expect_end();
  test.expect_end();
  const int64_t bytes = file.finish();
  return {rows, bytes, watch.seconds()};
}

}  // namespace trunkline
