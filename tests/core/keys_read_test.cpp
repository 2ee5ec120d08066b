// What configs and overrides mean.
#include <gtest/gtest.h>

#include "core/run_options.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline::test {
namespace {

const std::string kTasks = "tasks: {shape: {source: shapes}}\n";

std::string override_error(const std::string& override_text) {
  try {
    read(kTasks, {override_text});
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(KeysRead, AbsentKeysKeepTheirDefaults) {
  const RunOptions o = read(kTasks);
  EXPECT_EQ(o.name, "run");
  EXPECT_EQ(o.train.epochs, 1);
  EXPECT_FALSE(o.train.clip_norm.has_value());
}

TEST(KeysRead, EveryKindOfValue) {
  const RunOptions o = read(
      "name: a:b\nfiles: [x.h5, 'y z.h5']\ntrunk: {widths: [3, +4], scale: [1, .5, -2e-3]}\n"
      "train: {epochs: 007, lr: 1e5, shuffle: off, clip_norm: 2., steps: ~}\n" +
      kTasks);
  EXPECT_EQ(o.name, "a:b");
  EXPECT_EQ(o.files, (std::vector<std::string>{"x.h5", "y z.h5"}));
  EXPECT_EQ(o.trunk.widths, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(o.trunk.scale, (std::vector<double>{1, 0.5, -2e-3}));
  EXPECT_EQ(o.train.epochs, 7);
  EXPECT_EQ(o.train.lr, 1e5);
  EXPECT_FALSE(o.train.shuffle);
  EXPECT_EQ(o.train.clip_norm, 2.0);
  EXPECT_FALSE(o.train.steps.has_value());
}

TEST(KeysRead, BooleansHaveThreeSpellings) {
  for (const std::string word : {"true", "yes", "on", "True", "YES"})
    EXPECT_TRUE(read(kTasks + "train: {shuffle: " + word + "}\n").train.shuffle) << word;
  for (const std::string word : {"false", "no", "off", "False", "NO"})
    EXPECT_FALSE(read(kTasks + "train: {shuffle: " + word + "}\n").train.shuffle) << word;
}

TEST(KeysRead, TextTakesAnyWord) {
  for (const std::string word : {"123", "yes", "1e3", ".nan", "a#b"})
    EXPECT_EQ(read(kTasks + "name: " + word + "\n").name, word);
}

TEST(KeysRead, SingleTextIsAListOfOne) {
  EXPECT_EQ(read(kTasks + "files: a.h5\n").files, std::vector<std::string>{"a.h5"});
}

TEST(KeysRead, MapsKeepTheOrderOfTheFile) {
  const RunOptions o = read("tasks: {b: {source: s}, a: {source: s}, c: {source: s}}\n");
  std::string names;
  for (const auto& [name, task] : o.tasks) names += name;
  EXPECT_EQ(names, "bac");
}

TEST(KeysRead, EmptySectionKeepsDefaults) {
  EXPECT_EQ(read(kTasks + "train:\ntrunk: {}\n").train.lr, 1e-3);
}

TEST(KeysOverride, ReplacesAValueOfTheFile) {
  const RunOptions o = read(kTasks + "train: {epochs: 5, lr: 2}\n", {"train.epochs=3"});
  EXPECT_EQ(o.train.epochs, 3);
  EXPECT_EQ(o.train.lr, 2.0);
}

TEST(KeysOverride, MendsAWrongValueOfTheFile) {
  EXPECT_EQ(read(kTasks + "train: {epochs: many}\n", {"train.epochs=3"}).train.epochs, 3);
}

TEST(KeysOverride, MakesSectionsAndEntries) {
  const RunOptions o = read(kTasks, {"train.schedule.kind=cosine", "tasks.shape.weight=2",
                                     "tasks.other.source=s.h5#/group"});
  EXPECT_EQ(o.train.schedule.kind, "cosine");
  ASSERT_EQ(o.tasks.size(), 2u);
  EXPECT_EQ(o.tasks[0].second.weight, 2.0);
  EXPECT_EQ(o.tasks[1].second.source, "s.h5#/group");
}

TEST(KeysOverride, TakesListsAndSections) {
  const RunOptions o =
      read(kTasks + "train: {schedule: {kind: exponential, gamma: 0.5}}\n",
           {"trunk.widths=[1,2]", "train.schedule={kind: cosine, warmup_steps: 4}"});
  EXPECT_EQ(o.trunk.widths, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(o.train.schedule.kind, "cosine");
  EXPECT_EQ(o.train.schedule.warmup_steps, 4);
}

TEST(KeysOverride, EmptyValueRemovesAnOptional) {
  EXPECT_FALSE(read(kTasks + "train: {clip_norm: 3}\n", {"train.clip_norm="}).train.clip_norm);
}

TEST(KeysOverride, ValueMayHaveAnEqualsSign) { EXPECT_EQ(read(kTasks, {"name=a=b"}).name, "a=b"); }

TEST(KeysOverride, LastOneCounts) {
  EXPECT_EQ(read(kTasks, {"train.epochs=3", "train.epochs=4"}).train.epochs, 4);
}

TEST(KeysOverride, ErrorsQuoteTheCommandLine) {
  EXPECT_EQ(override_error("train.epohcs=3"),
            "command line: train.epohcs=3: unknown key \"epohcs\" in train; did you mean "
            "\"epochs\"?");
  EXPECT_EQ(override_error("train.epochs=abc"),
            "command line: train.epochs=abc: integer expected, found \"abc\"");
  EXPECT_EQ(override_error("trian.epochs=3"),
            "command line: trian.epochs=3: trian: unknown key \"trian\" at the top; did you mean "
            "\"train\"?");
  EXPECT_EQ(override_error("trunk={widths: [a]}"),
            "command line: trunk={widths: [a]}: trunk.widths[0]: integer expected, found \"a\"");
  EXPECT_EQ(override_error("train={lr: 1, lr: 2}"),
            "command line: train={lr: 1, lr: 2}: train.lr: duplicate key \"lr\"");
  EXPECT_EQ(override_error("tasks.shape.source.x=1"),
            "command line: tasks.shape.source.x=1: tasks.shape.source has a value, it is not a "
            "section");
}

TEST(KeysOverride, IsAKeyAndAValue) {
  for (const std::string wrong : {"train.epochs", "=3", "train..epochs=3", ".=1", ""})
    EXPECT_EQ(override_error(wrong),
              "command line: " + wrong + ": KEY=VALUE expected, for example train.epochs=3");
}

TEST(KeysOverride, SyntaxErrorsStayOnOneLine) {
  const std::string error = override_error("trunk.widths=[1,\n2");
  EXPECT_TRUE(error.starts_with("command line: trunk.widths=[1, 2: YAML syntax: ")) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(KeysOverride, CannotFillAnEmptyFile) {
  EXPECT_THROW(read("", {"tasks.shape.source=s"}), UsageError);
}

}  // namespace
}  // namespace trunkline::test
