// What a person reads when a config is wrong: one line with file, line, key, cause and remedy.
#include <gtest/gtest.h>

#include "core/run_options.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline::test {
namespace {

// A good tasks section on lines 1 and 2; what follows begins on line 3.
const std::string kTasks = "tasks:\n  shape: {source: shapes}\n";

std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

std::string error_after_tasks(const std::string& text) { return error_of(kTasks + text); }

TEST(KeysErrors, UnknownKeyIsAnsweredWithTheNearestOfItsSection) {
  EXPECT_EQ(error_after_tasks("train:\n  lr: 0.1\n  epohcs: 3\n"),
            "run.yaml:5: train.epohcs: unknown key \"epohcs\" in train; did you mean \"epochs\"?");
}

TEST(KeysErrors, UnknownKeyAtTheTop) {
  EXPECT_EQ(error_after_tasks("trian: {}\n"),
            "run.yaml:3: trian: unknown key \"trian\" at the top; did you mean \"train\"?");
}

TEST(KeysErrors, UnknownKeyWithoutANearOneListsWhatIsKnownHere) {
  EXPECT_EQ(error_after_tasks("trunk: {quux: 3}\n"),
            "run.yaml:3: trunk.quux: unknown key \"quux\" in trunk; known are kind, widths, scale");
}

TEST(KeysErrors, UnknownKeyInAnEntryOfAMap) {
  EXPECT_EQ(error_of("tasks:\n  a:\n    source: s\n    wieght: 2\n"),
            "run.yaml:4: tasks.a.wieght: unknown key \"wieght\" in tasks.a; did you mean "
            "\"weight\"?");
}

TEST(KeysErrors, UnknownKeyIsReportedBeforeAMissingOne) {
  EXPECT_EQ(error_of("tasks:\n  a:\n    sorce: s\n"),
            "run.yaml:3: tasks.a.sorce: unknown key \"sorce\" in tasks.a; did you mean "
            "\"source\"?");
}

TEST(KeysErrors, FirstLineIsReportedFirst) {
  EXPECT_EQ(error_of("train: {epochs: 0}\nname: [1]\ntypo: 1\n" + kTasks),
            "run.yaml:1: train.epochs: 0 is out of range; expected >= 1");
}

TEST(KeysErrors, MissingRequiredKeySaysWhatItIs) {
  EXPECT_EQ(error_of("tasks:\n  a:\n    weight: 1\n"),
            "run.yaml:2: tasks.a.source: required key is missing (the source of inputs and "
            "labels)");
}

TEST(KeysErrors, MissingRequiredSection) {
  EXPECT_EQ(error_of("name: x\n"),
            "run.yaml:1: tasks: required key is missing (what is predicted)");
}

TEST(KeysErrors, RequiredMapNeedsAnEntry) {
  EXPECT_EQ(error_of("name: x\ntasks:\n"),
            "run.yaml:2: tasks: at least one entry expected; write NAME: {…}");
}

TEST(KeysErrors, DuplicateKeyNamesBothLines) {
  EXPECT_EQ(error_after_tasks("train:\n  lr: 1\n  epochs: 2\n  lr: 3\n"),
            "run.yaml:6: train.lr: duplicate key \"lr\"; it is already on line 4");
}

TEST(KeysErrors, DuplicateTask) {
  EXPECT_EQ(error_of("tasks:\n  a: {source: s}\n  a: {source: s}\n"),
            "run.yaml:3: tasks.a: duplicate key \"a\"; it is already on line 2");
}

TEST(KeysErrors, WrongTypeSaysWhatWasFound) {
  EXPECT_EQ(error_after_tasks("train: {epochs: abc}\n"),
            "run.yaml:3: train.epochs: integer expected, found \"abc\"");
  EXPECT_EQ(error_after_tasks("train: {epochs: [1]}\n"),
            "run.yaml:3: train.epochs: integer expected, found a list");
  EXPECT_EQ(error_after_tasks("train: {shuffle: 1}\n"),
            "run.yaml:3: train.shuffle: yes or no expected, found \"1\"");
  EXPECT_EQ(error_after_tasks("train:\n  lr:\n"),
            "run.yaml:4: train.lr: number expected, found nothing");
  EXPECT_EQ(error_after_tasks("name: {a: b}\n"),
            "run.yaml:3: name: text expected, found a section");
  EXPECT_EQ(error_after_tasks("train: fast\n"),
            "run.yaml:3: train: section expected, found \"fast\"; write {key: value}");
  EXPECT_EQ(error_after_tasks("trunk: {widths: 32}\n"),
            "run.yaml:3: trunk.widths: list expected, found \"32\"; write [a, b]");
}

TEST(KeysErrors, IntegersArePlainDigits) {
  for (const std::string text : {"1e3", "1_000", "3.0", "0x10", "+-1", "--1", "", "1 2"})
    EXPECT_EQ(error_after_tasks("train: {epochs: " + text + "}\n"),
              "run.yaml:3: train.epochs: integer expected, found " +
                  (text.empty() ? "nothing" : "\"" + text + "\""));
}

TEST(KeysErrors, IntegerBeyond64Bits) {
  EXPECT_EQ(error_after_tasks("train: {epochs: 9223372036854775808}\n"),
            "run.yaml:3: train.epochs: integer of 64 bits expected, found "
            "\"9223372036854775808\"");
}

TEST(KeysErrors, NumbersAreFinite) {
  for (const std::string text : {".nan", "nan", ".inf", "-.inf", "inf", "1,5", "0x1p3", "1e", "-"})
    EXPECT_EQ(error_after_tasks("train: {lr: \"\"}\n").find("run.yaml:3: train.lr: number"), 0u);
  for (const std::string text : {".nan", "nan", ".inf", "-.inf", "inf", "0x1p3", "1e", "1.2.3"})
    EXPECT_EQ(error_after_tasks("train: {lr: " + text + "}\n"),
              "run.yaml:3: train.lr: number expected, found \"" + text + "\"");
  EXPECT_EQ(error_after_tasks("train: {lr: 1e999}\n"),
            "run.yaml:3: train.lr: number that fits a double expected, found \"1e999\"");
}

TEST(KeysErrors, QuotedNumberIsText) {
  EXPECT_EQ(error_after_tasks("train: {epochs: \"3\"}\n"),
            "run.yaml:3: train.epochs: integer expected, found \"3\" as text; remove the quotes");
}

TEST(KeysErrors, RangesAreChecked) {
  EXPECT_EQ(error_after_tasks("train: {lr: 0.0}\n"),
            "run.yaml:3: train.lr: 0.0 is out of range; expected > 0");
  EXPECT_EQ(error_after_tasks("train: {clip_norm: -1}\n"),
            "run.yaml:3: train.clip_norm: -1 is out of range; expected > 0");
  EXPECT_EQ(error_after_tasks("train: {schedule: {kind: exponential, gamma: 1.5}}\n"),
            "run.yaml:3: train.schedule.gamma: 1.5 is out of range; expected > 0 and <= 1");
}

TEST(KeysErrors, ItemsOfAListAreNamedByTheirPlace) {
  EXPECT_EQ(error_after_tasks("trunk:\n  widths:\n    - 3\n    - 0\n"),
            "run.yaml:6: trunk.widths[1]: 0 is out of range; expected >= 1");
  EXPECT_EQ(error_after_tasks("trunk: {scale: [1, x]}\n"),
            "run.yaml:3: trunk.scale[1]: number expected, found \"x\"");
}

TEST(KeysErrors, ChoiceIsAnsweredWithTheNearestOrAll) {
  EXPECT_EQ(error_after_tasks("trunk: {kind: covnet}\n"),
            "run.yaml:3: trunk.kind: unknown value \"covnet\"; did you mean \"convnet\"?");
  EXPECT_EQ(error_after_tasks("trunk: {kind: resnet50}\n"),
            "run.yaml:3: trunk.kind: unknown value \"resnet50\"; expected one of mlp, convnet");
}

TEST(KeysErrors, KeyOfAnotherKind) {
  EXPECT_EQ(error_after_tasks("trunk: {kind: convnet, widths: [3]}\n"),
            "run.yaml:3: trunk.widths: key \"widths\" belongs to kind: mlp");
}

TEST(KeysErrors, KeyOfAnotherKindIsNoErrorWhereTheKindIsMisspelt) {
  EXPECT_EQ(error_after_tasks("trunk:\n  channels: [3]\n  kind: covnet\n"),
            "run.yaml:5: trunk.kind: unknown value \"covnet\"; did you mean \"convnet\"?");
}

TEST(KeysErrors, DescriptionMayRejectAValue) {
  EXPECT_EQ(error_after_tasks("train:\n  epochs: 2\n  steps: 3\n"),
            "run.yaml:5: train.steps: give steps or epochs, not both");
}

TEST(KeysErrors, NamesOfTasksBecomeNamesOfFiles) {
  for (const std::string name : {"a b", "a/b", "../a", "ä", "a.b", "\"\""})
    EXPECT_NE(error_of("tasks: {" + name + ": {source: s}}\n")
                  .find("letters, digits, _ and - expected in a name"),
              std::string::npos)
        << name;
}

TEST(KeysErrors, RootThatIsNoMapOfSections) {
  EXPECT_EQ(error_of("- a\n"), "run.yaml:1: sections (key: value) expected, found a list");
  EXPECT_EQ(error_of("word"), "run.yaml:1: sections (key: value) expected, found \"word\"");
}

TEST(KeysErrors, EmptyConfig) {
  for (const std::string text : {"", "\n\n", "# nothing\n", "---\n", "~"})
    EXPECT_EQ(error_of(text),
              "run.yaml:1: the config is empty; sections such as \"train:\" "
              "expected")
        << text;
}

}  // namespace
}  // namespace trunkline::test
