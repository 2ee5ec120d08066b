#include <algorithm>
#include <optional>
#include <span>

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

uint8_t pixel(const uint8_t* digit, int64_t row, int64_t column) {
  const bool inside = row >= 0 && row < kSide && column >= 0 && column < kSide;
  return inside ? digit[row * kSide + column] : uint8_t{0};
}

// Looks up only those pixels of the canvas that its nearest-neighbour reduction keeps.
void overlay(const uint8_t* left, const uint8_t* right, int64_t side,
             std::vector<uint8_t>& picture) {
  for (int64_t i = 0; i < side * side; ++i) {
    const int64_t row = i / side * kCanvas / side, column = i % side * kCanvas / side;
    picture[static_cast<std::size_t>(i)] =
        std::max(pixel(left, row, column), pixel(right, row - kShift, column - kShift));
  }
}

struct MultiMnistSplit {
  std::string name;
  LabelledPictures left;
  std::optional<LabelledPictures> other;  // where the right pictures come from another data set

  const LabelledPictures& right() const { return other ? *other : left; }
  int64_t rows() const { return static_cast<int64_t>(left.labels.size()); }
  std::size_t partner(uint64_t seed, std::size_t row) const {
    const uint64_t split = name_key(name);
    return static_cast<std::size_t>(uniform(key({seed, split, row})) *
                                    static_cast<double>(right().labels.size()));
  }
};

const uint8_t* picture_of(const LabelledPictures& pool, std::size_t i) {
  return pool.pixels.data() + i * kPixels;
}

int64_t write_split(h5::Writer& file, const MultiMnistSplit& split,
                    const MultiMnistOptions& options) {
  const int64_t side = options.side;
  h5::DatasetWriter& x = create_pictures(file, split.name + "/x", split.rows(), {1, side, side},
                                         1 / (255 * kDeviation), -kMean / kDeviation);
  h5::DatasetWriter& left = create_labels(file, split.name + "/left", split.rows());
  h5::DatasetWriter& right = create_labels(file, split.name + "/right", split.rows());
  std::vector<uint8_t> picture(static_cast<std::size_t>(side * side));
  for (std::size_t row = 0; row < split.left.labels.size(); ++row) {
    const std::size_t partner = split.partner(options.seed, row);
    overlay(picture_of(split.left, row), picture_of(split.right(), partner), side, picture);
    x.append(std::span<const uint8_t>(picture));
    left.append(split.left.labels[row]);
    right.append(split.right().labels[partner]);
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

// One folder of pictures, cut into the three splits.
class PicturePools {
 public:
  explicit PicturePools(const std::string& folder)
      : training_(open_digits(folder, "train")), test_(open_digits(folder, "t10k")) {
    check<DataError>(training_.items() >= 2, "{}: 1 picture; train and valid need one each",
                     training_.images_path());
  }

  /// To be called once for each of train, valid and test, in this order.
  LabelledPictures read(const std::string& split) {
    const int64_t cut = std::max<int64_t>(1, training_.items() * 5 / 6);
    if (split == "train") return training_.read(cut);
    MnistFiles& files = split == "valid" ? training_ : test_;
    LabelledPictures pool = files.read(split == "valid" ? files.items() - cut : files.items());
    files.expect_end();
    return pool;
  }

 private:
  MnistFiles training_, test_;
};

}  // namespace

WriteSummary convert_multi_mnist(const std::string& folder, const std::string& path,
                                 const MultiMnistOptions& options,
                                 const std::shared_ptr<IoThread>& io) {
  const Stopwatch watch;
  check<UsageError>(options.side == kSide || options.side == kCanvas,
                    "--side {}: expected {} or {}", options.side, kSide, kCanvas);
  h5::Writer file(path, options.force, io);
  describe_file(file,
                fmt::format("pairs of {}, seed {}",
                            options.right.empty() ? "MNIST digits" : "two data sets' pictures",
                            options.seed));
  PicturePools left(folder);
  std::optional<PicturePools> right;
  if (!options.right.empty()) right.emplace(options.right);
  int64_t rows = 0;
  for (const std::string name : {"train", "valid", "test"}) {
    MultiMnistSplit split{name, left.read(name), std::nullopt};
    if (right) split.other = right->read(name);
    rows += write_split(file, split, options);
  }
  const int64_t bytes = file.finish();
  return {rows, bytes, watch.seconds()};
}

}  // namespace trunkline
