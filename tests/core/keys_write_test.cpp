// Options as YAML and back; the reference of keys; the nearest word.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/run_options.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline::test {
namespace {

std::string write(RunOptions options) {
  return write_yaml([&](Keys& keys) { describe(keys, options); });
}

TaskOptions task_of(const std::string& source) {
  TaskOptions task;
  task.source = source;
  return task;
}

RunOptions with_one_task() {
  RunOptions options;
  options.tasks.emplace_back("shape", task_of("shapes"));
  return options;
}

TEST(KeysWrite, SectionsStandInTheOrderOfDescription) {
  EXPECT_EQ(write(with_one_task()),
            "name: run\n"
            "files: []\n"
            "trunk:\n"
            "  kind: mlp\n"
            "  widths: []\n"
            "  scale: []\n"
            "train:\n"
            "  epochs: 1\n"
            "  lr: 0.001\n"
            "  shuffle: true\n"
            "  schedule:\n"
            "    kind: constant\n"
            "    warmup_steps: 0\n"
            "tasks:\n"
            "  shape:\n"
            "    source: shapes\n"
            "    weight: 1\n");
}

TEST(KeysWrite, NumbersComeBackBitByBit) {
  for (const double number : {0.1, 1.0 / 3.0, 1e-300, 5e-324, 1.7976931348623157e308, 1e23}) {
    RunOptions options = with_one_task();
    options.train.lr = number;
    options.trunk.scale = {-number, number};
    const RunOptions back = read(write(options));
    EXPECT_EQ(back.train.lr, number);
    EXPECT_EQ(back.trunk.scale, options.trunk.scale);
  }
}

TEST(KeysWrite, LargestIntegersComeBack) {
  RunOptions options = with_one_task();
  options.train.epochs = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(read(write(options)).train.epochs, options.train.epochs);
}

TEST(KeysWrite, AnyTextComesBack) {
  for (const std::string text :
       {"",      " ",    "null",       "~",           "yes",         "3",          "-1e3",
        ".inf",  "a: b", "a #b",       "x.h5#/group", "*.h5",        "data/*.h5",  "- a",
        "[a]",   "{a}",  "\"quoted\"", "it's",        "back\\slash", "two\nlines", "\t",
        "größe", "a,b",  "@x",         "%x",          "&x",          "!x",         "|",
        ">",     "?",    ":",          "-",           "---",         "...",        "NaN"}) {
    RunOptions options = with_one_task();
    options.name = text;
    options.files = {text, "b"};
    options.tasks[0].second.missing = text;
    const RunOptions back = read(write(options));
    EXPECT_EQ(back.name, text);
    EXPECT_EQ(back.files, options.files) << text;
    EXPECT_EQ(back.tasks[0].second.missing, text);
  }
}

TEST(KeysWrite, TextThatOtherReadersMistakeIsQuoted) {
  RunOptions options = with_one_task();
  options.files = {"no", "12", "null", "plain/path.h5"};
  EXPECT_NE(write(options).find("files: [\"no\", \"12\", \"null\", plain/path.h5]\n"),
            std::string::npos);
}

TEST(KeysWrite, NamesOfEntriesComeBack) {
  RunOptions options = with_one_task();
  options.tasks.emplace_back("12", task_of("s"));
  options.tasks.emplace_back("-", task_of("s"));
  options.tasks.emplace_back("null", task_of("s"));
  const RunOptions back = read(write(options));
  ASSERT_EQ(back.tasks.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(back.tasks[i].first, options.tasks[i].first);
}

TEST(KeysWrite, KeysOfAnotherKindAreLeftOut) {
  RunOptions options = with_one_task();
  options.trunk.kind = "convnet";
  options.trunk.widths = {3};
  EXPECT_EQ(write(options).find("widths"), std::string::npos);
  EXPECT_EQ(read(write(options)).trunk.kind, "convnet");
}

TEST(KeysWrite, NothingToSayIsStillAConfig) {
  EXPECT_EQ(write_yaml([](Keys&) {}), "{}\n");
}

TEST(KeysWrite, NonFiniteOptionIsABug) {
  RunOptions options = with_one_task();
  options.train.lr = std::nan("");
  EXPECT_THROW(write(options), BugError);
}

KeyHelp help_of(const std::string& path) {
  RunOptions options;
  for (const KeyHelp& line : document_keys([&](Keys& keys) { describe(keys, options); }))
    if (line.path == path) return line;
  return {};
}

TEST(KeysDocumentation, ValueHasTypeDefaultAndRange) {
  const KeyHelp line = help_of("train.epochs");
  EXPECT_EQ(line.type, "integer");
  EXPECT_EQ(line.default_value, "1");
  EXPECT_EQ(line.range, ">= 1");
  EXPECT_EQ(line.condition, "");
  EXPECT_EQ(line.help, "passes over the data");
}

TEST(KeysDocumentation, ConditionIsThereWhereItDoesNotHold) {
  EXPECT_EQ(help_of("trunk.channels").condition, "kind: convnet");
  EXPECT_EQ(help_of("train.schedule.gamma").range, "> 0 and <= 1");
}

TEST(KeysDocumentation, TypesAreWords) {
  EXPECT_EQ(help_of("trunk.kind").type, "mlp | convnet");
  EXPECT_EQ(help_of("trunk.widths").type, "list of integers");
  EXPECT_EQ(help_of("trunk.scale").type, "list of numbers");
  EXPECT_EQ(help_of("files").type, "list of text");
  EXPECT_EQ(help_of("train.shuffle").type, "yes/no");
  EXPECT_EQ(help_of("train.clip_norm").type, "number");
  EXPECT_EQ(help_of("train").type, "section");
}

TEST(KeysDocumentation, AbsentAndRequiredAreNoDefaults) {
  EXPECT_EQ(help_of("train.clip_norm").default_value, "none");
  EXPECT_EQ(help_of("tasks.NAME.loss").default_value, "none");
  EXPECT_EQ(help_of("tasks.NAME.source").default_value, "required");
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> words = {"epochs", "steps", "schedule", "warmup_steps", "lr"};
  EXPECT_EQ(nearest("epohcs", words), "epochs");
  EXPECT_EQ(nearest("step", words), "steps");
  EXPECT_EQ(nearest("Schedule", words), "schedule");
  EXPECT_EQ(nearest("warmup", words), "warmup_steps");
  EXPECT_EQ(nearest("lrs", words), "lr");
}

TEST(Nearest, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("momentum", {"epochs", "steps", "lr"}), std::nullopt);
  EXPECT_EQ(nearest("x", {"y"}), std::nullopt);
  EXPECT_EQ(nearest("", {"lr"}), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

}  // namespace
}  // namespace trunkline::test
