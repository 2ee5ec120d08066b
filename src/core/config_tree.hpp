// A config file and the KEY=VALUE overrides as one tree in which every node knows where it was
// written. yaml-cpp's own tree forgets the places of keys and keeps one of two equal keys.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace trunkline {

/// A line of the file, or an override (which has no lines). Orders as a person reads: the file from
/// above, then the command line from the left.
struct ConfigPlace {
  int override_index = -1;
  int line = 1;
  auto operator<=>(const ConfigPlace&) const = default;
};

struct ConfigNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  ConfigPlace place = {};
  std::string key = {};                   ///< where the parent is a map
  std::string text = {};                  ///< of a scalar
  bool quoted = false;                    ///< "3" is text, 3 is a number
  std::vector<ConfigNode> children = {};  ///< items of a list, entries of a map, in order

  /// The first entry with that key, or nullptr.
  const ConfigNode* find(const std::string& name) const;
  ConfigNode* find(const std::string& name);
};

/// What is wrong, and where. Thrown and collected inside the reader only.
struct ConfigProblem {
  ConfigPlace place = {};
  std::string path = {};  ///< "train.epochs"; may be empty
  std::string message = {};
  bool missing = false;  ///< about something that is not there, so that the place is only near it
};

/// Parses one YAML document. @throws ConfigProblem for wrong syntax
/// @param override_index of the override whose value this is, or -1
ConfigNode parse_yaml(const std::string& text, int override_index = -1);

/// Puts the value of "a.b.c=VALUE" into the tree, in place of what is there.
/// @throws ConfigProblem if it is no KEY=VALUE, or leads through a value that is no section
void apply_override(ConfigNode& root, const std::string& override_text, int override_index);

/// Adds a problem for each key that a section, however deep, has twice.
void find_duplicates(const ConfigNode& node, const std::string& path,
                     std::vector<ConfigProblem>& problems);

/// "path.name", or "name" at the top.
std::string join_path(const std::string& path, const std::string& name);

/// Text on one line, cut where it gets long.
std::string one_line(const std::string& text, std::size_t longest = 80);

}  // namespace trunkline
