// Scalars of a config: from text to typed values, and back.
#pragma once

#include <cstdint>
#include <string>

#include "config_tree.hpp"
#include "trunkline/core/keys.hpp"

namespace trunkline {

/// Each parses a node, checks the rules' range, and refuses with a ConfigProblem at the node.
/// @param path of the node, for the problem
void parse_value(const ConfigNode& node, const std::string& path, const KeyRules& rules, bool& v);
void parse_value(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                 int64_t& v);
void parse_value(const ConfigNode& node, const std::string& path, const KeyRules& rules, double& v);
void parse_value(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                 std::string& v);

/// What a message says was found: "abc" in quotes, nothing, a list, a section.
std::string found_text(const ConfigNode& node);

/// As YAML that parse_value reads back to the same value; text is quoted where another reader of
/// YAML would take it for something else.
std::string format_value(bool v);
std::string format_value(int64_t v);
std::string format_value(double v);
std::string format_value(const std::string& v);

template <class T>
std::string format_value(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) text += (text.size() > 1 ? ", " : "") + format_value(value);
  return text + "]";
}

template <class T>
std::string format_value(const OrderedMap<T>& entries) {
  std::string text = "{";
  for (const auto& [name, value] : entries)
    text += (text.size() > 1 ? ", " : "") + format_value(name) + ": " + format_value(value);
  return text + "}";
}

/// "> 0", ">= 1", "0 to 1", or empty where every number is allowed.
std::string range_text(const KeyRules& rules);

}  // namespace trunkline
