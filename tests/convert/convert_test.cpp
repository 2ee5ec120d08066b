// Converters of MNIST and data sets in its form.
#include "trunkline/data/convert.hpp"

#include <zlib.h>

#include <cstdlib>
#include <numeric>
#include <set>

#include "convert/files.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

void write_gzip(const std::string& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

// Pictures that say which they are: picture i has the value 10 * (i + 1) everywhere.
std::string flat_pictures(uint32_t count, uint32_t side) {
  std::string pixels;
  for (uint32_t i = 0; i < count; ++i) pixels += std::string(side * side, char(10 * (i + 1)));
  return idx_bytes({count, side, side}, pixels);
}

std::string labels(const std::string& values) {
  return idx_bytes({static_cast<uint32_t>(values.size())}, values);
}

class ConvertTest : public testing::Test {
 protected:
  // Twelve pictures to train on and three to test, the latter gzipped.
  void write_digits(uint32_t side) {
    write_file(input_ / "train-images-idx3-ubyte", flat_pictures(12, side));
    write_file(input_ / "train-labels-idx1-ubyte", labels({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}));
    write_gzip(input_ / "t10k-images-idx3-ubyte.gz", flat_pictures(3, side));
    write_gzip(input_ / "t10k-labels-idx1-ubyte.gz", labels({7, 8, 9}));
  }
  std::string out() const { return output_ / "f.h5"; }
  WriteSummary mnist(bool force = false) {
    return convert_mnist_idx(input_.string(), out(), force, io_);
  }
  WriteSummary multi_mnist(uint64_t seed, const std::string& name = "f.h5") {
    return convert_multi_mnist(input_.string(), output_ / name, {.seed = seed}, io_);
  }

  TemporaryFolder input_, output_;
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

TEST_F(ConvertTest, MnistBecomesGroupsOfPicturesAndLabels) {
  write_digits(2);
  const WriteSummary summary = mnist();
  EXPECT_EQ(summary.rows, 15);
  EXPECT_EQ(summary.bytes, static_cast<int64_t>(std::filesystem::file_size(out())));
  EXPECT_EQ(shape_of(out(), "train/x"), (std::vector<hsize_t>{12, 1, 2, 2}));
  EXPECT_EQ(values_of<uint8_t>(out(), "test/x"),
            (std::vector<uint8_t>{10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30}));
  EXPECT_EQ(values_of<uint8_t>(out(), "test/y"), (std::vector<uint8_t>{7, 8, 9}));
  EXPECT_EQ(number_attribute<int64_t>(out(), "train/y", "num_classes"), 10);
  EXPECT_EQ(number_attribute<double>(out(), "train/x", "scale"), 1.0 / 255);
  EXPECT_EQ(number_attribute<double>(out(), "train/x", "bias"), 0.0);
  EXPECT_EQ(attribute_bytes(out(), "/", "trunkline_schema"), "1");
}

TEST_F(ConvertTest, MultiMnistCutsTheTrainingFilesFiveToOne) {
  write_digits(28);
  EXPECT_EQ(multi_mnist(1).rows, 15);
  EXPECT_EQ(shape_of(out(), "train/x"), (std::vector<hsize_t>{10, 1, 28, 28}));
  EXPECT_EQ(values_of<uint8_t>(out(), "train/left"),
            (std::vector<uint8_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(values_of<uint8_t>(out(), "valid/left"), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(values_of<uint8_t>(out(), "test/left"), (std::vector<uint8_t>{7, 8, 9}));
  EXPECT_EQ(number_attribute<int64_t>(out(), "valid/right", "num_classes"), 10);
}

TEST_F(ConvertTest, MultiMnistNormalisesThroughScaleAndBias) {
  write_digits(28);
  multi_mnist(1);
  const auto scale = number_attribute<double>(out(), "train/x", "scale");
  const auto bias = number_attribute<double>(out(), "train/x", "bias");
  EXPECT_NEAR(200 * scale + bias, (200 / 255.0 - .1307) / .3081, 1e-12);
}

// Canvas pixels 0..5 show the left digit alone, 6..27 the brighter of both, 28..33 the right one,
// 34 and 35 nothing. Of these, pixel p of the result is floor(9p / 7): 0..4 are 0..5, 5 is 6, 21 is
// 27, 22 is 28, 26 is 33 and 27 is 34.
TEST_F(ConvertTest, MultiMnistOverlaysAndReducesByTheNearestRule) {
  write_digits(28);
  multi_mnist(1);
  const std::vector<uint8_t> x = values_of<uint8_t>(out(), "test/x");
  const std::vector<uint8_t> right = values_of<uint8_t>(out(), "test/right");
  for (std::size_t row = 0; row < 3; ++row) {
    const auto at = [&](std::size_t i, std::size_t j) { return x[(row * 28 + i) * 28 + j]; };
    const auto a = static_cast<uint8_t>(10 * (row + 1)),
               b = static_cast<uint8_t>(10 * (right[row] - 6));
    for (const std::size_t i : {0u, 4u}) {
      EXPECT_EQ(at(i, i), a);
      EXPECT_EQ(at(i, 21), a);
      EXPECT_EQ(at(i, 22), 0);
    }
    for (const std::size_t i : {5u, 21u}) {
      EXPECT_EQ(at(i, 4), a);
      EXPECT_EQ(at(i, i), std::max(a, b));
      EXPECT_EQ(at(i, 22), b);
    }
    for (const std::size_t i : {22u, 26u}) {
      EXPECT_EQ(at(i, 4), 0);
      EXPECT_EQ(at(i, 5), b);
      EXPECT_EQ(at(i, 26), b);
      EXPECT_EQ(at(i, 27), 0);
    }
    EXPECT_EQ(at(27, 26), 0);
  }
}

TEST_F(ConvertTest, MultiMnistPairsDependOnTheSeedOnly) {
  write_digits(28);
  multi_mnist(1, "a.h5");
  multi_mnist(1, "b.h5");
  multi_mnist(2, "c.h5");
  EXPECT_EQ(read_file(output_ / "a.h5"), read_file(output_ / "b.h5"));
  EXPECT_NE(values_of<uint8_t>(output_ / "a.h5", "train/right"),
            values_of<uint8_t>(output_ / "c.h5", "train/right"));
}

TEST_F(ConvertTest, TheRightPicturesMayBeOfAnotherDataSet) {
  write_digits(28);
  TemporaryFolder other;
  write_file(other / "train-images-idx3-ubyte", idx_bytes({6, 28, 28}, std::string(6 * 784, 'd')));
  write_file(other / "train-labels-idx1-ubyte", labels({3, 3, 3, 3, 3, 4}));
  write_file(other / "t10k-images-idx3-ubyte", idx_bytes({1, 28, 28}, std::string(784, 'e')));
  write_file(other / "t10k-labels-idx1-ubyte", labels({5}));
  convert_multi_mnist(input_.string(), out(), {.right = other.string(), .side = 36}, io_);
  EXPECT_EQ(shape_of(out(), "train/x"), (std::vector<hsize_t>{10, 1, 36, 36}));
  EXPECT_EQ(values_of<uint8_t>(out(), "train/right"), std::vector<uint8_t>(10, 3));
  EXPECT_EQ(values_of<uint8_t>(out(), "valid/right"), (std::vector<uint8_t>{4, 4}));
  EXPECT_EQ(values_of<uint8_t>(out(), "test/right"), (std::vector<uint8_t>{5, 5, 5}));
  EXPECT_EQ(values_of<uint8_t>(out(), "test/left"), (std::vector<uint8_t>{7, 8, 9}));
  const std::vector<uint8_t> x = values_of<uint8_t>(out(), "test/x");
  EXPECT_EQ(x[5 * 36 + 5], 10);   // the left picture alone
  EXPECT_EQ(x[6 * 36 + 6], 'e');  // both
  EXPECT_EQ(x[33 * 36 + 33], 'e');
  EXPECT_EQ(x[34 * 36 + 34], 0);
}

TEST_F(ConvertTest, MultiMnistRefusesPicturesOfAnotherSize) {
  write_digits(27);
  EXPECT_THROW(multi_mnist(1), DataError);
  EXPECT_TRUE(output_.empty());
}

TEST_F(ConvertTest, ADamagedInputLeavesNothing) {
  write_digits(28);
  write_gzip(input_ / "t10k-labels-idx1-ubyte.gz", labels({7, 8}));
  EXPECT_THROW(mnist(), DataError);
  EXPECT_THROW(multi_mnist(1), DataError);
  EXPECT_TRUE(output_.empty());
}

TEST_F(ConvertTest, ALabelOutOfRangeIsNamed) {
  write_digits(2);
  write_file(input_ / "train-labels-idx1-ubyte", labels({0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 0, 1}));
  try {
    mnist();
    FAIL() << "nothing was thrown";
  } catch (const DataError& error) {
    EXPECT_EQ(std::string(error.what()),
              (input_ / "train-labels-idx1-ubyte") + ": label 10 of item 9; expected 0 to 9");
  }
}

TEST_F(ConvertTest, AMissingFileIsNamed) {
  try {
    mnist();
    FAIL() << "nothing was thrown";
  } catch (const DataError& error) {
    EXPECT_NE(std::string(error.what()).find("train-images-idx3-ubyte.gz"), std::string::npos);
  }
}

TEST_F(ConvertTest, RefusesToReplaceAFileUnlessForced) {
  write_digits(2);
  mnist();
  EXPECT_THROW(mnist(), UsageError);
  EXPECT_EQ(mnist(true).rows, 15);
}

class RealMnistTest : public ConvertTest {
 protected:
  void SetUp() override {
    if (const char* data = std::getenv("TRUNKLINE_DATA")) data_ = data;
    if (data_.empty()) GTEST_SKIP() << "TRUNKLINE_DATA is not set: no real MNIST to convert";
  }
  std::string data_;
};

double mean_of(const std::vector<uint8_t>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

// 0.1307 is MNIST's published mean, 0.2860 that of Fashion-MNIST.
TEST_F(RealMnistTest, MnistAndFashionMnistHaveTheirKnownMeans) {
  convert_mnist_idx(data_ + "/mnist", output_ / "m.h5", false, io_);
  convert_mnist_idx(data_ + "/fashion_mnist", output_ / "f.h5", false, io_);
  EXPECT_EQ(shape_of(output_ / "m.h5", "test/x"), (std::vector<hsize_t>{10000, 1, 28, 28}));
  EXPECT_NEAR(mean_of(values_of<uint8_t>(output_ / "m.h5", "train/x")) / 255, .1307, 5e-5);
  EXPECT_NEAR(mean_of(values_of<uint8_t>(output_ / "f.h5", "train/x")) / 255, .2860, 5e-5);
}

TEST_F(RealMnistTest, MultiMnistHasThePublishedSplits) {
  convert_multi_mnist(data_ + "/mnist", output_ / "f.h5", {.seed = 1}, io_);
  convert_mnist_idx(data_ + "/mnist", output_ / "m.h5", false, io_);
  EXPECT_EQ(shape_of(out(), "train/x")[0], 50000u);
  EXPECT_EQ(shape_of(out(), "valid/x")[0], 10000u);
  EXPECT_EQ(shape_of(out(), "test/x")[0], 10000u);
  std::vector<uint8_t> digits = values_of<uint8_t>(output_ / "m.h5", "train/y");
  digits.erase(digits.begin(), digits.begin() + 50000);
  EXPECT_EQ(values_of<uint8_t>(out(), "valid/left"), digits);
}

}  // namespace
}  // namespace trunkline
