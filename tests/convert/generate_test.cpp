// The generated shapes data set.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "convert/files.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/generate_shapes.hpp"

namespace trunkline {
namespace {

class ShapesTest : public testing::Test {
 protected:
  std::string generate(const std::string& name, const ShapesOptions& options) {
    summary_ = generate_shapes(folder_ / name, options, io_);
    return folder_ / name;
  }

  TemporaryFolder folder_;
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
  WriteSummary summary_;
};

double mean(const std::vector<uint8_t>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST_F(ShapesTest, HasTheFieldsOfTheSchemaInThreeSplits) {
  const std::string path = generate("f.h5", {.rows = 57, .size = 16});
  EXPECT_EQ(shape_of(path, "train/x"), (std::vector<hsize_t>{47, 3, 16, 16}));
  EXPECT_EQ(shape_of(path, "valid/position"), (std::vector<hsize_t>{5, 2}));
  EXPECT_EQ(shape_of(path, "test/attributes"), (std::vector<hsize_t>{5, 5}));
  EXPECT_EQ(shape_of(path, "test/angle"), (std::vector<hsize_t>{5, 2}));
  EXPECT_EQ(shape_of(path, "test/scale"), (std::vector<hsize_t>{5, 1}));
  EXPECT_EQ(attribute_bytes(path, "/", "trunkline_schema"), "1");
  EXPECT_EQ(attribute_bytes(path, "train/x", "layout"), "chw");
  EXPECT_EQ(number_attribute<double>(path, "train/x", "scale"), 1.0 / 255);
  EXPECT_EQ(attribute_bytes(path, "train/attributes", "kind"), "multilabel");
  EXPECT_EQ(attribute_bytes(path, "train/shape", "class_names").substr(0, 15),
            std::string("disc\0\0\0\0square\0", 15));
  EXPECT_EQ(summary_.rows, 57);
  EXPECT_EQ(summary_.bytes, static_cast<int64_t>(std::filesystem::file_size(path)));
}

// Every pixel whose right neighbour is of the other kind lies within a pixel of the outline, and
// the distance changes by at most a pixel from one to the next.
TEST_F(ShapesTest, MapsSayWhereTheShapeIsAndHowFarItsOutline) {
  constexpr std::size_t kSize = 32;
  const std::string path = generate("f.h5", {.rows = 500, .size = kSize, .dense = true});
  EXPECT_EQ(shape_of(path, "train/mask"), (std::vector<hsize_t>{400, kSize, kSize}));
  EXPECT_EQ(attribute_bytes(path, "train/mask", "kind"), "dense_classification");
  EXPECT_EQ(attribute_bytes(path, "train/distance", "kind"), "dense_regression");
  EXPECT_EQ(attribute_bytes(path, "train/distance", "units"), "pixels");
  const std::vector<uint8_t> mask = values_of<uint8_t>(path, "train/mask");
  const std::vector<float> distance = values_of<float>(path, "train/distance");
  const std::vector<uint8_t> shape = values_of<uint8_t>(path, "train/shape");
  const std::vector<uint8_t> attributes = values_of<uint8_t>(path, "train/attributes");
  const std::vector<float> position = values_of<float>(path, "train/position");
  const std::vector<float> scale = values_of<float>(path, "train/scale");
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const std::size_t row = i / (kSize * kSize);
    ASSERT_TRUE(mask[i] == 0 || mask[i] == shape[row] + 1);
    if ((i + 1) % kSize == 0) continue;
    ASSERT_LE(std::abs(distance[i] - distance[i + 1]), 1 + 1e-4);
    const bool changes = mask[i] != mask[i + 1];
    ASSERT_LE(changes ? distance[i] + distance[i + 1] : 0, 1 + 1e-4);
  }
  for (std::size_t row = 0; row < shape.size(); ++row) {
    const auto centre = [&](std::size_t axis) {
      return static_cast<std::size_t>(position[2 * row + axis] * kSize);
    };
    const std::size_t pixel = (row * kSize + centre(1)) * kSize + centre(0);
    ASSERT_EQ(mask[pixel] != 0, attributes[5 * row] == 1) << "filled, or with a hole";
  }
  // A disc that is filled: its distance at every pixel.
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const std::size_t row = i / (kSize * kSize);
    if (shape[row] != 0 || attributes[5 * row] == 0) continue;
    const auto at = [&](std::size_t pixel, std::size_t axis) {
      return static_cast<float>(pixel) + 0.5F - kSize * position[2 * row + axis];
    };
    const float from_centre = std::hypot(at(i % kSize, 0), at(i / kSize % kSize, 1));
    ASSERT_NEAR(distance[i], std::abs(from_centre - kSize * scale[row]), 1e-3);
  }
}

// The nearest outline by brute force: to within what lies between the pixels that change.
TEST_F(ShapesTest, DistanceIsThatToTheNearestChangeOfTheMask) {
  constexpr int64_t kSize = 64;
  const std::string path = generate("f.h5", {.rows = 50, .size = kSize, .dense = true});
  const std::vector<uint8_t> mask = values_of<uint8_t>(path, "train/mask");
  const std::vector<float> distance = values_of<float>(path, "train/distance");
  int far = 0;
  for (std::size_t row = 0; row < 40; ++row) {
    const std::size_t first = row * kSize * kSize;
    std::vector<std::pair<float, float>> edges;
    for (int64_t p = 0; p < kSize * (kSize - 1); ++p) {
      const auto i = first + static_cast<std::size_t>(p);
      const auto x = static_cast<float>(p % kSize), y = static_cast<float>(p / kSize);
      if (p % kSize < kSize - 1 && mask[i] != mask[i + 1]) edges.emplace_back(x + 0.5F, y);
      if (mask[i] != mask[i + kSize]) edges.emplace_back(x, y + 0.5F);
    }
    for (int64_t p = 0; p < kSize * kSize; p += 7) {
      float nearest = 1e9F;
      for (const auto& [x, y] : edges)
        nearest = std::min(nearest, std::hypot(x - static_cast<float>(p % kSize),
                                               y - static_cast<float>(p / kSize)));
      // Tips of stars are thinner than a pixel, and so may be lost in the mask: some pixels are
      // off.
      const float difference = std::abs(distance[first + static_cast<std::size_t>(p)] - nearest);
      ASSERT_LT(difference, 5.0F) << row << " " << p;
      far += difference > 1.0F ? 1 : 0;
    }
  }
  EXPECT_LT(far, 40 * kSize * kSize / 7 / 10);
}

TEST_F(ShapesTest, MapsLeaveTheOtherFieldsAsTheyAre) {
  const std::string plain = generate("a.h5", {.rows = 50, .size = 16});
  const std::string dense = generate("b.h5", {.rows = 50, .size = 16, .dense = true});
  EXPECT_EQ(values_of<uint8_t>(plain, "train/x"), values_of<uint8_t>(dense, "train/x"));
  EXPECT_FALSE(exists_in(plain, "train/mask"));
}

TEST_F(ShapesTest, EqualOptionsGiveEqualBytes) {
  const ShapesOptions options = {.rows = 100, .size = 16, .seed = 5, .missing = 0.5, .gzip = true};
  EXPECT_EQ(read_file(generate("a.h5", options)), read_file(generate("b.h5", options)));
}

TEST_F(ShapesTest, AnotherSeedGivesOtherPictures) {
  const std::string a = generate("a.h5", {.rows = 10, .size = 16, .seed = 1});
  const std::string b = generate("b.h5", {.rows = 10, .size = 16, .seed = 2});
  EXPECT_NE(values_of<uint8_t>(a, "train/x"), values_of<uint8_t>(b, "train/x"));
}

TEST_F(ShapesTest, ALongerFileExtendsEverySplitOfAShorterOne) {
  const std::string a = generate("short.h5", {.rows = 30, .size = 16, .missing = 0.3});
  const std::string b = generate("long.h5", {.rows = 95, .size = 16, .missing = 0.3});
  for (const std::string name :
       {"train/x", "valid/x", "test/x", "test/texture", "train/shape_valid"}) {
    const std::vector<uint8_t> few = values_of<uint8_t>(a, name),
                               many = values_of<uint8_t>(b, name);
    ASSERT_LT(few.size(), many.size());
    EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin())) << name;
  }
}

TEST_F(ShapesTest, PositionAndScaleSayWhereTheShapeIs) {
  const std::string path = generate("f.h5", {.rows = 2000, .size = 8});
  const std::vector<float> position = values_of<float>(path, "train/position");
  const std::vector<float> scale = values_of<float>(path, "train/scale");
  for (std::size_t row = 0; row < scale.size(); ++row) {
    ASSERT_GE(scale[row], 0.15F);
    ASSERT_LE(scale[row], 0.34F);
    for (std::size_t axis : {0u, 1u}) {
      ASSERT_GE(position[2 * row + axis], scale[row]);
      ASSERT_LE(position[2 * row + axis], 1 - scale[row]);
    }
  }
}

// The picture must show what the labels say: filled shapes are painted in their centre, the others
// are not, so "bright" predicts which of centre and border is lighter for the former only.
TEST_F(ShapesTest, TheCentreOfAFilledShapeHasItsBrightness) {
  constexpr int64_t kSize = 32;
  const std::string path = generate("f.h5", {.rows = 2000, .size = kSize});
  const std::vector<uint8_t> x = values_of<uint8_t>(path, "train/x");
  const std::vector<uint8_t> attributes = values_of<uint8_t>(path, "train/attributes");
  const std::vector<uint8_t> texture = values_of<uint8_t>(path, "train/texture");
  const std::vector<float> position = values_of<float>(path, "train/position");
  int agree = 0, plain_and_filled = 0;
  for (std::size_t row = 0; row < texture.size(); ++row) {
    if (texture[row] != 0 || attributes[5 * row] == 0) continue;
    const auto column_at = static_cast<std::size_t>(position[2 * row] * kSize);
    const auto row_at = static_cast<std::size_t>(position[2 * row + 1] * kSize);
    double centre = 0, whole = 0;
    constexpr double kWeights[] = {0.299, 0.587, 0.114};
    for (std::size_t c = 0; c < 3; ++c) {
      const uint8_t* plane = x.data() + (3 * row + c) * kSize * kSize;
      centre += kWeights[c] * plane[row_at * kSize + column_at];
      whole += kWeights[c] * mean({plane, plane + kSize * kSize});
    }
    agree += (centre > whole) == (attributes[5 * row + 1] == 1);
    ++plain_and_filled;
  }
  ASSERT_GT(plain_and_filled, 80);
  EXPECT_GT(agree, 0.9 * plain_and_filled);
}

TEST_F(ShapesTest, AnglesAreUnitVectorsExceptForDiscs) {
  const std::string path = generate("f.h5", {.rows = 500, .size = 8});
  const std::vector<uint8_t> shape = values_of<uint8_t>(path, "train/shape");
  const std::vector<uint8_t> valid = values_of<uint8_t>(path, "train/angle_valid");
  const std::vector<float> angle = values_of<float>(path, "train/angle");
  for (std::size_t row = 0; row < shape.size(); ++row) {
    ASSERT_EQ(valid[row], shape[row] != 0);
    ASSERT_NEAR(std::hypot(angle[2 * row], angle[2 * row + 1]), valid[row], 1e-6);
  }
}

// Plain and filled triangles have paint towards a corner, ground on the other side of the centre.
TEST_F(ShapesTest, AngleSaysWhereTheCornersOfATrianglePoint) {
  constexpr int64_t kSize = 64;
  const std::string path = generate("f.h5", {.rows = 2000, .size = kSize});
  const std::vector<uint8_t> x = values_of<uint8_t>(path, "train/x");
  const std::vector<uint8_t> shape = values_of<uint8_t>(path, "train/shape");
  const std::vector<uint8_t> texture = values_of<uint8_t>(path, "train/texture");
  const std::vector<uint8_t> attributes = values_of<uint8_t>(path, "train/attributes");
  const std::vector<float> position = values_of<float>(path, "train/position");
  const std::vector<float> scale = values_of<float>(path, "train/scale");
  const std::vector<float> angle = values_of<float>(path, "train/angle");
  int agree = 0, triangles = 0;
  for (std::size_t row = 0; row < shape.size(); ++row) {
    if (shape[row] != 2 || texture[row] != 0 || attributes[5 * row] == 0) continue;
    const float corner = std::atan2(angle[2 * row], angle[2 * row + 1]) / 3;
    const auto green = [&](float radii) {  // along the line through centre and corner
      const float reach = radii * scale[row];
      const float u = position[2 * row] + reach * std::cos(corner);
      const float v = position[2 * row + 1] + reach * std::sin(corner);
      const auto pixel =
          static_cast<std::size_t>(v * kSize) * kSize + static_cast<std::size_t>(u * kSize);
      return static_cast<int>(x[(3 * row + 1) * kSize * kSize + pixel]);
    };
    agree += std::abs(green(0.7F) - green(0)) < std::abs(green(-0.8F) - green(0));
    ++triangles;
  }
  ASSERT_GT(triangles, 20);
  EXPECT_GT(agree, 0.85 * triangles);
}

TEST_F(ShapesTest, ClassesAndAttributesAreBalanced) {
  const std::string path = generate("f.h5", {.rows = 20000, .size = 8});
  const std::vector<uint8_t> shape = values_of<uint8_t>(path, "train/shape");
  for (uint8_t c = 0; c < 4; ++c)
    EXPECT_NEAR(static_cast<double>(std::count(shape.begin(), shape.end(), c)), 4000, 250);
  const std::vector<uint8_t> texture = values_of<uint8_t>(path, "train/texture");
  for (uint8_t c = 0; c < 6; ++c)
    EXPECT_NEAR(static_cast<double>(std::count(texture.begin(), texture.end(), c)), 2667, 250);
  EXPECT_NEAR(mean(values_of<uint8_t>(path, "train/attributes")), 0.5, 0.05);
}

TEST_F(ShapesTest, SortedKeepsTheRowsAndPutsClassesOneAfterAnother) {
  const std::string plain = generate("a.h5", {.rows = 200, .size = 8});
  const std::string sorted = generate("b.h5", {.rows = 200, .size = 8, .sorted = true});
  std::vector<uint8_t> shape = values_of<uint8_t>(plain, "train/shape");
  std::sort(shape.begin(), shape.end());
  EXPECT_EQ(values_of<uint8_t>(sorted, "train/shape"), shape);
  std::vector<float> a = values_of<float>(plain, "train/scale");
  std::vector<float> b = values_of<float>(sorted, "train/scale");
  EXPECT_NE(a, b);
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  EXPECT_EQ(a, b);
}

TEST_F(ShapesTest, MissingHidesThatShareOfLabelsIndependently) {
  const std::string path = generate("f.h5", {.rows = 20000, .size = 8, .missing = 0.3});
  const std::vector<uint8_t> shape_valid = values_of<uint8_t>(path, "train/shape_valid");
  const std::vector<uint8_t> position_valid = values_of<uint8_t>(path, "train/position_valid");
  EXPECT_NEAR(mean(shape_valid), 0.7, 0.015);
  EXPECT_NEAR(mean(position_valid), 0.7, 0.015);
  std::vector<uint8_t> both(shape_valid.size());
  for (std::size_t row = 0; row < both.size(); ++row)
    both[row] = shape_valid[row] & position_valid[row];
  EXPECT_NEAR(mean(both), 0.49, 0.015);
}

TEST_F(ShapesTest, HiddenLabelsAreNotStored) {
  const std::string path = generate("f.h5", {.rows = 200, .size = 8, .missing = 0.5});
  const std::vector<uint8_t> valid = values_of<uint8_t>(path, "train/shape_valid");
  const std::vector<uint8_t> shape = values_of<uint8_t>(path, "train/shape");
  for (std::size_t row = 0; row < valid.size(); ++row) EXPECT_TRUE(valid[row] || shape[row] == 0);
}

TEST_F(ShapesTest, NothingMissingMeansNoCompanions) {
  EXPECT_FALSE(exists_in(generate("f.h5", {.rows = 10, .size = 8}), "train/shape_valid"));
}

TEST_F(ShapesTest, ChunksAreWholeRowsOrSplitAlongEveryAxis) {
  const std::string row = generate("a.h5", {.rows = 1000, .size = 32});
  const std::string split = generate("b.h5", {.rows = 1000, .size = 32, .chunks = "auto"});
  EXPECT_EQ(chunk_of(row, "train/x"), (std::vector<hsize_t>{341, 3, 32, 32}));
  EXPECT_EQ(chunk_of(split, "train/x"), (std::vector<hsize_t>{200, 2, 16, 16}));
  EXPECT_EQ(values_of<uint8_t>(row, "train/x"), values_of<uint8_t>(split, "train/x"));
}

TEST_F(ShapesTest, RefusesImpossibleOptionsAndLeavesNothing) {
  EXPECT_THROW(generate("f.h5", {.rows = 9}), UsageError);
  EXPECT_THROW(generate("f.h5", {.size = 7}), UsageError);
  EXPECT_THROW(generate("f.h5", {.missing = 1}), UsageError);
  EXPECT_THROW(generate("f.h5", {.chunks = "rows"}), UsageError);
  EXPECT_TRUE(folder_.empty());
}

TEST_F(ShapesTest, RefusesToReplaceAFileUnlessForced) {
  const std::string path = generate("f.h5", {.rows = 10, .size = 8});
  EXPECT_THROW(generate("f.h5", {.rows = 20, .size = 8}), UsageError);
  EXPECT_EQ(shape_of(path, "test/x")[0], 1u);
  generate("f.h5", {.rows = 20, .size = 8, .force = true});
  EXPECT_EQ(shape_of(path, "test/x")[0], 2u);
}

}  // namespace
}  // namespace trunkline
