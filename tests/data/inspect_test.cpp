// What the inspection of a file says.
#include "trunkline/data/inspect.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/h5_fixture.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using test::counting;
using test::H5Writer;

class Inspect : public ::testing::Test {
 protected:
  FileReport report(const std::string& group = "") { return inspect(path_ + group, io_); }

  static const DatasetReport& at(const FileReport& report, const std::string& path) {
    return *std::ranges::find(report.datasets, path, &DatasetReport::path);
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "file.h5";
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

TEST_F(Inspect, DataSetsAreDescribed) {
  H5Writer(path_)
      .write("x", {4, 3}, counting<uint8_t>(12), {.chunk = {2, 3}, .gzip = 1})
      .column<int32_t>("y", {0, 2, 2, 0})
      .column<uint8_t>("y_valid", {1, 1, 1, 0});
  const FileReport found = report();
  const DatasetReport& x = at(found, "/x");
  EXPECT_EQ(x.type, "u8");
  EXPECT_EQ(x.role, "input");
  EXPECT_EQ(x.shape, (std::vector<int64_t>{4, 3}));
  EXPECT_EQ(x.chunk, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(x.filters, std::vector<std::string>{"gzip"});
  EXPECT_EQ(x.raw_bytes, 12);
  const DatasetReport& y = at(found, "/y");
  EXPECT_EQ(y.role, "target");
  EXPECT_EQ(y.kind, "classification");
  EXPECT_EQ(y.class_counts, (std::vector<int64_t>{1, 0, 2}));
  EXPECT_EQ(y.share_missing, 0.25);
  EXPECT_EQ(at(found, "/y_valid").role, "valid");
  EXPECT_TRUE(found.trainable());
  EXPECT_EQ(found.rows, 4);
}

TEST_F(Inspect, TokensAreNamedWithTheirVocabulary) {
  H5Writer(path_)
      .write("x", {3, 2}, std::vector<int64_t>{4, 1, 2, 0, 3, 0})
      .number("x", "vocabulary", 5)
      .write("y", {3, 2}, std::vector<int8_t>{0, 1, 1, -1, 0, -1})
      .number("y", "ignore_value", -1)
      .text("y", "kind", "token_classification");
  const FileReport found = report();
  EXPECT_EQ(at(found, "/x").kind, "tokens");
  EXPECT_EQ(at(found, "/x").num_classes, 5);
  EXPECT_EQ(at(found, "/y").class_counts, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(at(found, "/y").share_missing, 2.0 / 6.0);
  EXPECT_TRUE(found.trainable());
}

TEST_F(Inspect, RefusesAVocabularyThatIsNoNumberOfTokens) {
  H5Writer(path_).write("x", {1, 2}, std::vector<int64_t>{4, 1}).number("x", "vocabulary", 4.5);
  EXPECT_EQ(report().datasets.at(0).problem,
            path_ + ":/x: vocabulary is 4.5; expected a positive integer");
}

TEST_F(Inspect, SplitsAreListedWithTheirRows) {
  H5Writer(path_)
      .column<float>("train/x", {1, 2, 3})
      .column<float>("train/y", {1, 2, 3})
      .column<float>("test/x", {1})
      .column<float>("test/y", {1});
  const FileReport found = report();
  ASSERT_EQ(found.splits.size(), 2u);
  EXPECT_EQ(found.splits[0].name, "test");
  EXPECT_EQ(found.splits[1].rows, 3);
  EXPECT_TRUE(found.trainable());
}

TEST_F(Inspect, SlowChunksAreWarnedOf) {
  H5Writer(path_).write("x", {4, 4}, counting<float>(16), {.chunk = {1, 2}});
  EXPECT_EQ(at(report(), "/x").warnings.size(), 2u);
}

TEST_F(Inspect, ProblemsAreReportedNotThrown) {
  H5Writer(path_).column<float>("x", {1, 2}, {.written = false}).column<int32_t>("y", {0, -1});
  const FileReport found = report();
  EXPECT_NE(at(found, "/x").problem.find("never written"), std::string::npos);
  EXPECT_FALSE(found.trainable());
}

TEST_F(Inspect, ALinkedDataSetIsListedOnceAndCyclesEnd) {
  {
    H5Writer file(path_);
    file.column<float>("a/x", {1, 2});
    file.group("b");
    H5Lcreate_hard(file.id(), "/a/x", file.id(), "/b/x", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file.id(), "/", file.id(), "/b/up", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_EQ(report().datasets.size(), 1u);
}

TEST_F(Inspect, AGroupIsInspectedAlone) {
  H5Writer(path_).column<float>("a/x", {1, 2}).column<float>("b/x", {1, 2});
  const FileReport found = report("#/b");
  ASSERT_EQ(found.datasets.size(), 1u);
  EXPECT_EQ(found.datasets[0].path, "/b/x");
}

TEST_F(Inspect, AMissingFileIsAnError) { EXPECT_THROW(report(), DataError); }

TEST_F(Inspect, JsonHoldsWhatTheReportHolds) {
  H5Writer(path_).column<float>("x", {1, 2}).column<float>("y", {1, 2});
  const nlohmann::json json = to_json(report());
  EXPECT_EQ(json["datasets"][0]["path"], "/x");
  EXPECT_TRUE(json["datasets"][0]["num_classes"].is_null());
  EXPECT_TRUE(json["trainable"]);
}

}  // namespace
}  // namespace trunkline
