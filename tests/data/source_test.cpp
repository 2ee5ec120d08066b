// What a source finds in its files: fields, classes, splits.
#include <gtest/gtest.h>

#include <cmath>

#include "support/h5_fixture.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/data/loader.hpp"

namespace trunkline {
namespace {

using test::counting;
using test::H5Writer;

class SourceTest : public ::testing::Test {
 protected:
  std::shared_ptr<Source> open(const SourceOptions& options,
                               std::vector<std::string> targets = {"y"}) {
    return Source::open(options, {"s", std::move(targets)}, io_);
  }
  std::shared_ptr<Source> open() { return open({.file = {path_}}); }

  FieldDescription target(const std::string& name = "y") {
    return open({.file = {path_}}, {name})->description().target(name);
  }

  // The rows of a split, as sample numbers.
  static std::vector<int64_t> samples(const std::shared_ptr<Source>& source, Split split) {
    LoaderOptions options;
    options.batch = 1000;
    options.slots = {{0, 1000}};
    const Batch batch = make_evaluation_loader(source, split, options)->next();
    const auto* first = batch.samples.const_data_ptr<int64_t>();
    return {first, first + batch.rows()};
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_ / "file.h5";
  std::shared_ptr<IoThread> io_ = std::make_shared<IoThread>();
};

TEST_F(SourceTest, AFileWithoutAnySchemaIsEnough) {
  H5Writer(path_).write("x", {4, 3}, counting<float>(12)).column<int64_t>("y", {0, 2, 1, 0});
  const auto source = open();
  EXPECT_EQ(source->rows(Split::kTrain), 4);
  EXPECT_EQ(source->rows(Split::kValid), 0);
  EXPECT_EQ(source->description().inputs[0].name, "x");
  EXPECT_EQ(source->description().inputs[0].shape, std::vector<int64_t>{3});
  EXPECT_EQ(source->description().target("y").kind, "classification");
  EXPECT_EQ(source->description().target("y").num_classes, 3);
}

TEST_F(SourceTest, UsualNamesAreFoundAndDeliveredAsY) {
  H5Writer(path_).write("images", {2, 1}, counting<float>(2)).column<float>("labels", {0, 1});
  const auto source = open({.file = {path_}}, {""});
  EXPECT_EQ(source->description().inputs[0].name, "images");
  EXPECT_EQ(source->description().target("y").kind, "regression");
}

TEST_F(SourceTest, RolesNameTheInputs) {
  H5Writer file(path_);
  file.column<float>("x", {1, 2}).column<float>("a", {1, 2}).column<float>("b", {1, 2});
  file.column<int32_t>("y", {0, 1}).text("a", "role", "input").text("b", "role", "input");
  H5Fflush(file.id(), H5F_SCOPE_GLOBAL);
  const std::string copy = folder_ / "copy.h5";
  std::filesystem::copy_file(path_, copy);
  const auto source = open({.file = {copy}});
  ASSERT_EQ(source->description().inputs.size(), 2u);
  EXPECT_EQ(source->description().inputs[1].name, "b");
}

TEST_F(SourceTest, AttributesDescribeAField) {
  H5Writer(path_)
      .column<float>("x", {1, 2})
      .column<int32_t>("y", {-1, 1})
      .texts("y", "class_names", {"disc", "square", "star"})
      .number("y", "ignore_value", -1)
      .number("x", "scale", 0.5)
      .text("x", "layout", "chw")
      .text("y", "units", "none");
  const auto source = open();
  const FieldDescription& y = source->description().target("y");
  EXPECT_EQ(y.class_names, (std::vector<std::string>{"disc", "square", "star"}));
  EXPECT_EQ(y.num_classes, 3);
  EXPECT_EQ(y.ignore_value, -1);
  EXPECT_EQ(y.units, "none");
  EXPECT_EQ(source->description().inputs[0].scale, std::vector<double>{0.5});
  EXPECT_EQ(source->description().inputs[0].layout, "chw");
}

TEST_F(SourceTest, ClassesOfFloatLabelsAreCounted) {
  H5Writer(path_)
      .column<float>("x", {1, 2, 3})
      .column<float>("y", {0, NAN, 4})
      .text("y", "kind", "classification")
      .number("y", "ignore_value", NAN);
  EXPECT_EQ(target().num_classes, 5);
}

TEST_F(SourceTest, TheConfiguredKindDecidesWhatIsChecked) {
  H5Writer(path_).column<float>("x", {1, 2}).column<int32_t>("y", {-3, 7});
  const Source::Wanted wanted = {"s", {"y"}, {{"y", "regression"}}};
  const auto source = Source::open({.file = {path_}}, wanted, io_);
  EXPECT_EQ(source->description().target("y").kind, "regression");
}

TEST_F(SourceTest, ATargetMayBeTheInput) {
  H5Writer(path_).write<float>("x", {2, 2}, {1, 2, 3, 4});
  const auto source = open({.file = {path_}}, {"x"});
  EXPECT_EQ(source->row_groups(Split::kTrain).columns().size(), 1u);
}

TEST_F(SourceTest, GroupsAreSplits) {
  H5Writer(path_)
      .column<float>("train/x", {1, 2, 3})
      .column<int32_t>("train/y", {0, 1, 1})
      .column<float>("valid/x", {4})
      .column<int32_t>("valid/y", {2});
  const auto source = open();
  EXPECT_EQ(source->rows(Split::kTrain), 3);
  EXPECT_EQ(source->rows(Split::kValid), 1);
  EXPECT_EQ(source->rows(Split::kTest), 0);
  EXPECT_EQ(source->description().target("y").num_classes, 3);         // labels of all splits count
  EXPECT_EQ(samples(source, Split::kValid), std::vector<int64_t>{3});  // unique in the source
}

TEST_F(SourceTest, IndexArraysAreSplits) {
  H5Writer(path_)
      .column("x", counting<float>(200))
      .column("y", std::vector<uint8_t>(200, 0))
      .column<int64_t>("split/train", {150, 3, 70})
      .column<int32_t>("split/held_out", {199});
  const auto source = open({.file = {path_}, .test = "held_out"});
  EXPECT_EQ(samples(source, Split::kTrain), (std::vector<int64_t>{3, 70, 150}));
  EXPECT_EQ(samples(source, Split::kTest), std::vector<int64_t>{199});
}

TEST_F(SourceTest, FractionsCutTheRowsInParts) {
  H5Writer(path_).column("x", counting<float>(900)).column("y", std::vector<uint8_t>(900, 0));
  const auto source = open({.file = {path_}, .train = "0.7", .valid = "0.2", .test = "0.1"});
  std::vector<int64_t> all = samples(source, Split::kTrain);
  EXPECT_NEAR(static_cast<double>(all.size()), 630, 60);
  for (const Split split : {Split::kValid, Split::kTest})
    for (const int64_t row : samples(source, split)) all.push_back(row);
  std::ranges::sort(all);
  EXPECT_EQ(all, counting<int64_t>(900));
}

TEST_F(SourceTest, FractionsNeverCutAGroup) {
  std::vector<int32_t> groups;
  for (int row = 0; row < 900; ++row) groups.push_back(row % 30);
  H5Writer(path_).column("x", counting<float>(900)).column("y", std::vector<uint8_t>(900, 0));
  {
    H5Writer file(path_);
    file.column("x", counting<float>(900)).column("y", std::vector<uint8_t>(900, 0));
    file.column("group_id", groups);
  }
  const auto source = open({.file = {path_}, .train = "0.5", .valid = "0.5"});
  std::vector<int> parts(30, 0);
  for (const int64_t row : samples(source, Split::kTrain))
    parts[static_cast<std::size_t>(row % 30)] |= 1;
  for (const int64_t row : samples(source, Split::kValid))
    parts[static_cast<std::size_t>(row % 30)] |= 2;
  for (const int part : parts) EXPECT_TRUE(part == 1 || part == 2);
}

TEST_F(SourceTest, AGroupOfAFileIsASource) {
  H5Writer(path_).column<float>("tasks/a/x", {1, 2}).column<int32_t>("tasks/a/y", {0, 1});
  EXPECT_EQ(open({.file = {path_ + "#/tasks/a"}})->rows(Split::kTrain), 2);
}

TEST_F(SourceTest, FingerprintsTellFilesApart) {
  const auto fingerprint = [&](float last) {
    H5Writer(path_).column<float>("x", {1, last}).column<int32_t>("y", {0, 1});
    return open()->fingerprint();
  };
  const uint64_t first = fingerprint(2);
  EXPECT_EQ(fingerprint(2), first);
  EXPECT_NE(fingerprint(3), first);
}

TEST_F(SourceTest, WideRowsOfASparseSplitAreTheRightOnes) {
  std::vector<float> x;
  for (int row = 0; row < 100; ++row) x.insert(x.end(), 50, static_cast<float>(row));
  H5Writer(path_)
      .write("x", {100, 50}, x, {.chunk = {7, 50}, .gzip = 1})
      .column("y", std::vector<uint8_t>(100, 0))
      .column<int64_t>("split/train", {99, 0, 1, 2, 50, 52});
  LoaderOptions options;
  options.batch = 6;
  options.slots = {{0, 6}};
  const Batch batch = make_training_loader(open(), options)->next();
  for (int64_t i = 0; i < 6; ++i)
    EXPECT_EQ(batch.fields.at("x").const_data_ptr<float>()[i * 50 + 49],
              static_cast<float>(batch.samples.const_data_ptr<int64_t>()[i]));
}

}  // namespace
}  // namespace trunkline
