// Text that is no YAML, or YAML that no config needs, is refused with its line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/run_options.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline::test {
namespace {

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

std::string file_error(const std::string& path) {
  try {
    RunOptions options;
    read_yaml_file(path, {}, [&](Keys& keys) { describe(keys, options); });
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(KeysSyntax, SyntaxErrorsNameTheirLine) {
  for (const std::string wrong : {"train: [1, 2\n", "train: {lr: 1\n", "a: b: c\n", "x: \"open\n",
                                  "file: *.h5\n", "x: @y\n", "\ttrain: 1\n", "? [a]\n: b\n"}) {
    const std::string error = error_of("name: x\n" + wrong);
    EXPECT_TRUE(error.starts_with("run.yaml:2: ") || error.starts_with("run.yaml:3: ")) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(KeysSyntax, SecondDocumentIsRefused) {
  EXPECT_EQ(error_of("name: x\n---\nname: y\n"),
            "run.yaml:2: a second document begins here; one is expected");
}

TEST(KeysSyntax, ByteThatEndsTheFileForTheParserIsRefused) {
  EXPECT_EQ(error_of("name: x\n\x04train: {}\n"),
            "run.yaml:2: control character; YAML text expected");
}

TEST(KeysSyntax, AliasesThatExplodeAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::vector<std::string> copies(10, fmt::format("*a{}", i - 1));
    text += fmt::format("a{0}: &a{0} [{1}]\n", i, fmt::join(copies, ", "));
  }
  EXPECT_NE(error_of(text).find("aliases make this config too large"), std::string::npos);
}

TEST(KeysSyntax, AliasWithinItselfIsRefused) {
  EXPECT_EQ(error_of("a: &x [*x]\n"), "run.yaml:1: an alias inside the value that it stands for");
}

TEST(KeysSyntax, DeepNestingIsRefused) {
  const std::string error = error_of("a: " + std::string(100'000, '['));
  EXPECT_TRUE(error.starts_with("run.yaml:1: ")) << error;
}

TEST(KeysSyntax, AnchorsAreUnderstood) {
  const RunOptions o = read("tasks: {a: &a {source: s, weight: 3}, b: *a}\n");
  ASSERT_EQ(o.tasks.size(), 2u);
  EXPECT_EQ(o.tasks[1].first, "b");
  EXPECT_EQ(o.tasks[1].second.weight, 3.0);
}

TEST(KeysSyntax, MissingFile) {
  EXPECT_EQ(file_error("/nowhere/run.yaml"),
            "/nowhere/run.yaml: cannot be opened (No such file or directory); a config file "
            "expected");
}

TEST(KeysSyntax, FolderInsteadOfAFile) {
  EXPECT_EQ(file_error("/"), "/: a folder; a config file expected");
}

TEST(KeysSyntax, FileIsNamedInErrors) {
  const std::string path = testing::TempDir() + "keys_syntax_test.yaml";
  std::ofstream(path) << "tasks: {a: {source: s}}\nnmae: x\n";
  EXPECT_EQ(file_error(path),
            path + ":2: nmae: unknown key \"nmae\" at the top; did you mean \"name\"?");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace trunkline::test
