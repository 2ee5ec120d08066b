// From a file and overrides to filled options, or one line that says what is wrong.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <tuple>

#include "keys_reader.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::string message(const ConfigProblem& problem, const std::string& file,
                    const std::vector<std::string>& overrides) {
  std::string place = fmt::format("{}:{}", file, problem.place.line);
  bool says_path = false;
  if (problem.place.override_index >= 0) {
    constexpr std::size_t kLongest = 200;
    const std::string& text = overrides.at(static_cast<std::size_t>(problem.place.override_index));
    place = "command line: " + one_line(text, kLongest);
    says_path = text.starts_with(problem.path + "=");
  }
  const bool adds_path = !problem.path.empty() && !says_path;
  return fmt::format("{}: {}{}", place, adds_path ? problem.path + ": " : "", problem.message);
}

// The first one as a person reads; what is missing comes last, because a misspelt key may be why.
const ConfigProblem& first(const std::vector<ConfigProblem>& problems) {
  return *std::min_element(problems.begin(), problems.end(),
                           [](const ConfigProblem& a, const ConfigProblem& b) {
                             return std::tie(a.missing, a.place) < std::tie(b.missing, b.place);
                           });
}

ConfigNode parse_all(const std::string& text, const std::vector<std::string>& overrides) {
  ConfigNode root = parse_yaml(text);
  if (root.kind == ConfigNode::Kind::kNull)
    throw ConfigProblem{{}, "", "the config is empty; sections such as \"train:\" expected"};
  if (root.kind != ConfigNode::Kind::kMap)
    throw ConfigProblem{root.place, "",
                        fmt::format("sections (key: value) expected, found {}", found_text(root))};
  for (std::size_t i = 0; i < overrides.size(); ++i)
    apply_override(root, overrides[i], static_cast<int>(i));
  return root;
}

std::vector<ConfigProblem> read_all(const std::string& text,
                                    const std::vector<std::string>& overrides,
                                    const std::function<void(Keys&)>& describe_root) {
  std::vector<ConfigProblem> problems;
  try {
    const ConfigNode root = parse_all(text, overrides);
    find_duplicates(root, "", problems);
    KeysReader(&root, "", root.place, problems).read(describe_root);
  } catch (const ConfigProblem& fatal) {
    problems = {fatal};
  }
  return problems;
}

}  // namespace

void read_yaml_file(const std::string& path, const std::vector<std::string>& overrides,
                    const std::function<void(Keys&)>& describe_root) {
  check<UsageError>(!std::filesystem::is_directory(path), "{}: a folder; a config file expected",
                    path);
  std::ifstream file(path, std::ios::binary);
  check<UsageError>(file.is_open(), "{}: cannot be opened ({}); a config file expected", path,
                    std::generic_category().message(errno));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  check<UsageError>(!file.bad(), "{}: cannot be read ({})", path,
                    std::generic_category().message(errno));
  read_yaml_text(text, path, overrides, describe_root);
}

void read_yaml_text(const std::string& text, const std::string& name,
                    const std::vector<std::string>& overrides,
                    const std::function<void(Keys&)>& describe_root) {
  const std::vector<ConfigProblem> problems = read_all(text, overrides, describe_root);
  if (!problems.empty()) throw UsageError(message(first(problems), name, overrides));
}

}  // namespace trunkline
