// One line per bad input: the source, the file, the data set, what is wrong with it.
#include <gtest/gtest.h>

#include <cmath>

#include "support/h5_fixture.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/loader.hpp"

namespace trunkline {
namespace {

const std::string kAdvice = "; mend the label, or raise the number of classes";

using test::counting;
using test::H5Writer;

class SourceError : public ::testing::Test {
 protected:
  std::string message(SourceOptions options = {}, const Source::Wanted& wanted = {"s", {"y"}}) {
    if (options.file.empty()) options.file = {path_};
    return test::message_of([&] { Source::open(options, wanted, io_); });
  }

  // Ten rows of x, and y as given.
  template <class T>
  void write_labels(const std::vector<T>& y) {
    H5Writer(path_).column("x", counting<float>(y.size())).column("y", y);
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "file.h5";
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

TEST_F(SourceError, MissingFile) {
  EXPECT_EQ(message(), "sources.s.file: " + path_ +
                           ": no such file; correct the path, or make the file first");
}

TEST_F(SourceError, NotAnHdf5File) {
  folder_.text("file.h5", "<html>not found</html>");
  EXPECT_EQ(message(), "sources.s.file: " + path_ +
                           ": not an HDF5 file; it looks like an HTML page; the download failed "
                           "(22 bytes)");
}

TEST_F(SourceError, GlobWithoutMatch) {
  EXPECT_EQ(message({.file = {folder_ / "*.h5"}}),
            "sources.s.file: " + (folder_ / "*.h5") +
                ": no file matches; check the path and the pattern");
}

TEST_F(SourceError, MissingTarget) {
  H5Writer(path_).write("x", {2, 3}, counting<uint8_t>(6)).column<float>("z", {1, 2});
  EXPECT_EQ(message({}, {"s", {"depth"}}),
            "source s: " + path_ + ":/depth: no such data set; / has: x (2,3) u8, z (2) f32");
}

TEST_F(SourceError, TwoCandidates) {
  H5Writer(path_).column<float>("data", {1}).column<float>("images", {1});
  EXPECT_EQ(message(), "source s: " + path_ +
                           ":/: 2 candidates for the input: data, images; set input: NAME. / has: "
                           "data (1) f32, images (1) f32");
}

TEST_F(SourceError, NoCandidate) {
  H5Writer(path_).column<float>("a", {1});
  EXPECT_EQ(message(), "source s: " + path_ +
                           ":/: no input data set (x or a usual name); set input: NAME. / has: a "
                           "(1) f32");
}

TEST_F(SourceError, MissingGroup) {
  H5Writer(path_).column<float>("tasks/a/x", {1});
  EXPECT_EQ(message({.file = {path_ + "#/tasks/b"}}),
            "sources.s.file: " + path_ + ":/tasks/b: no such group; the file has: tasks/ (group)");
}

TEST_F(SourceError, LengthsDiffer) {
  H5Writer(path_).column("x", counting<float>(10)).column("y", counting<int32_t>(9));
  EXPECT_EQ(message(), "source s: " + path_ + ":/y: 9 rows, but " + path_ + ":/x has 10");
}

TEST_F(SourceError, RowShapesDifferBetweenFiles) {
  const std::string other = folder_ / "other.h5";
  H5Writer(path_).write("x", {2, 3}, counting<float>(6)).column<int32_t>("y", {0, 1});
  H5Writer(other).write("x", {2, 4}, counting<float>(8)).column<int32_t>("y", {0, 1});
  EXPECT_EQ(message({.file = {path_, other}}),
            "source s: " + other + ":/x: rows of shape (4), but " + path_ + ":/x has (3)");
}

TEST_F(SourceError, NoRows) {
  H5Writer(path_).write<float>("x", {0, 3}, {}).write<int32_t>("y", {0}, {});
  EXPECT_EQ(message(), "source s: " + path_ + ":/x: 0 rows");
}

TEST_F(SourceError, LabelOutOfRange) {
  std::vector<int64_t> labels(400, 3);
  labels[300] = 4;
  {
    H5Writer file(path_);
    file.column("x", counting<float>(400)).column("y", labels).number("y", "num_classes", 4);
  }
  EXPECT_EQ(message(), "source s: " + path_ + ":/y: label 4 at row 300, classes 0..3" + kAdvice);
}

TEST_F(SourceError, LabelOutOfRangeOfTheConfiguredClasses) {
  write_labels<int64_t>({0, 1, 2});
  EXPECT_EQ(message({}, {"s", {"y"}, {}, {{"y", 2}}}),
            "source s: " + path_ + ":/y: label 2 at row 2, classes 0..1" + kAdvice);
}

TEST_F(SourceError, ClassesOfTheConfigAgainstTheFile) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<int64_t>("y", {0, 1})
      .number("y", "num_classes", 3);
  EXPECT_EQ(
      message({}, {"s", {"y"}, {}, {{"y", 2}}, {{"y", "digit"}}}),
      "source s: tasks.digit.classes: 2, but " + path_ + ":/y has 3 classes; leave the key out");
}

TEST_F(SourceError, AKeyOfTheCommandLineTakesThePlaceOfTheConfigs) {
  const Source::Wanted wanted{.name = "input", .targets = {}, .key = "--input"};
  EXPECT_EQ(message({}, wanted),
            "--input: " + path_ + ": no such file; correct the path, or make the file first");
  H5Writer(path_).column<float>("a", {1});
  EXPECT_NE(message({}, wanted).find("--input: " + path_), std::string::npos);
}

TEST_F(SourceError, LabelOutOfRangeInTheSecondFile) {
  const std::string other = folder_ / "other.h5";
  write_labels<int64_t>({0, 1, 2});
  H5Writer(other).column<float>("x", {1, 2}).column<int64_t>("y", {0, -7});
  EXPECT_EQ(message({.file = {path_, other}}),
            "source s: " + other +
                ":/y: label -7 at row 1, expected integers from 0 (kind: regression for others)");
}

TEST_F(SourceError, FractionalLabel) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<float>("y", {0, 0.5})
      .number("y", "num_classes", 2);
  EXPECT_EQ(message(), "source s: " + path_ + ":/y: label 0.5 at row 1, classes 0..1" + kAdvice);
}

TEST_F(SourceError, ClassesDisagree) {
  H5Writer(path_)
      .column<float>("x", {1})
      .column<int32_t>("y", {0})
      .texts("y", "class_names", {"a", "b"})
      .number("y", "num_classes", 3);
  EXPECT_EQ(message(),
            "source s: " + path_ + ":/y: class_names says 2 classes, num_classes says 3");
}

TEST_F(SourceError, OneHotRowWithoutExactlyOneOne) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .write<uint8_t>("y", {2, 3}, {0, 1, 0, 1, 1, 0})
      .text("y", "kind", "classification");
  EXPECT_EQ(message(), "source s: " + path_ +
                           ":/y: 2 ones and 1 zeros in 3 columns at row 1, expected exactly one 1 "
                           "per row (one-hot classes)");
}

TEST_F(SourceError, OneHotColumnsAreNotTheClasses) {
  H5Writer(path_)
      .column<float>("x", {1})
      .write<uint8_t>("y", {1, 3}, {0, 1, 0})
      .text("y", "kind", "classification")
      .number("y", "num_classes", 4);
  EXPECT_EQ(message(), "source s: " + path_ + ":/y: 3 columns (one-hot), but 4 classes");
}

TEST_F(SourceError, MaskThatIsNoMask) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<int32_t>("y", {0, 1})
      .column<uint8_t>("y_valid", {1, 2});
  EXPECT_EQ(message(), "source s: " + path_ + ":/y_valid: 2 at row 1; expected 0 or 1");
}

TEST_F(SourceError, MaskOfZeros) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<int32_t>("y", {0, 1})
      .column<uint8_t>("y_valid", {0, 0});
  EXPECT_EQ(message(), "source s: " + path_ + ":/y_valid: all 0: no row has a label");
}

TEST_F(SourceError, MaskOfAnotherLength) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<int32_t>("y", {0, 1})
      .column<uint8_t>("y_valid", {1});
  EXPECT_EQ(message(), "source s: " + path_ + ":/y_valid: 1 rows, but " + path_ + ":/x has 2");
}

TEST_F(SourceError, NegativeWeight) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<int32_t>("y", {0, 1})
      .column<float>("y_weight", {1, -2});
  EXPECT_EQ(message(), "source s: " + path_ +
                           ":/y_weight: weight -2 at row 1; expected a finite number, at least 0");
}

TEST_F(SourceError, RaggedField) {
  H5Writer(path_).column<float>("x", {1, 2}).column<int64_t>("x_offsets", {0, 1, 2});
  EXPECT_EQ(message({}, {"s", {}}),
            "source s: " + path_ +
                ":/x: ragged fields (x_offsets) are not read; pad the rows to one length");
}

TEST_F(SourceError, UnknownSplit) {
  H5Writer(path_).column<float>("fit/x", {1}).column<int64_t>("split/later", {0});
  EXPECT_EQ(message({.valid = "hold_out"}),
            "source s: " + path_ + ":/: no split hold_out; there are: fit, later");
}

TEST_F(SourceError, SplitIndexOutOfRange) {
  H5Writer(path_)
      .column("x", counting<float>(512))
      .column("y", std::vector<uint8_t>(512, 0))
      .column<int64_t>("split/train", {0, 1, 512});
  EXPECT_EQ(message(), "source s: " + path_ + ":/split/train: split/train[2] = 512, N = 512");
}

TEST_F(SourceError, SplitIndexTwice) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<uint8_t>("y", {0, 0})
      .column<int64_t>("split/train", {1, 1});
  EXPECT_EQ(message(), "source s: " + path_ + ":/split/train: split/train[1] = 1 is there twice");
}

TEST_F(SourceError, EmptySplit) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<uint8_t>("y", {0, 0})
      .column<int64_t>("split/train", {1})
      .write<int64_t>("split/valid", {0}, {});
  EXPECT_EQ(message(), "source s: " + path_ + ":/split/valid: 0 rows");
}

TEST_F(SourceError, EmptySplitByFraction) {
  write_labels<int32_t>({0, 1, 0});
  EXPECT_EQ(message({.train = "0.9", .valid = "0.0001"}),
            "source s: " + path_ + ": split 0.0001 has no rows");
}

TEST_F(SourceError, SplitFoundInTwoWays) {
  H5Writer(path_)
      .column<float>("train/x", {1})
      .column<int32_t>("train/y", {0})
      .column<int64_t>("split/train", {0});
  EXPECT_EQ(message(), "source s: " + path_ +
                           ": split train exists twice, as group /train and as index array "
                           "/split/train; remove one");
}

TEST_F(SourceError, WindowTooSmallToShuffle) {
  H5Writer(path_)
      .write("x", {100, 1000}, std::vector<float>(100000), {.chunk = {1, 1000}})
      .column("y", std::vector<uint8_t>(100, 0));
  EXPECT_NE(message({.window_bytes = 1000}).find("set window_bytes: "), std::string::npos);
}

}  // namespace
}  // namespace trunkline
