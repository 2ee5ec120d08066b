#include "config_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace trunkline {
namespace {

// The entry of a section, made if it is not there.
ConfigNode& entry(ConfigNode& section, const std::string& key, ConfigPlace place) {
  if (ConfigNode* known = section.find(key)) return *known;
  section.children.push_back({.place = place, .key = key});
  return section.children.back();
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

}  // namespace

const ConfigNode* ConfigNode::find(const std::string& name) const {
  if (kind != Kind::kMap) return nullptr;
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const ConfigNode& child) { return child.key == name; });
  return found == children.end() ? nullptr : &*found;
}

ConfigNode* ConfigNode::find(const std::string& name) {
  return const_cast<ConfigNode*>(static_cast<const ConfigNode*>(this)->find(name));
}

void apply_override(ConfigNode& root, const std::string& override_text, int override_index) {
  const ConfigPlace place{.override_index = override_index};
  const std::size_t equals = override_text.find('=');
  const std::vector<std::string> parts = split_path(override_text.substr(0, equals));
  const bool empty_part = std::find(parts.begin(), parts.end(), "") != parts.end();
  if (equals == std::string::npos || empty_part)
    throw ConfigProblem{place, "", "KEY=VALUE expected, for example train.epochs=3"};

  ConfigNode* node = &root;
  std::string path;
  for (const std::string& part : parts) {
    if (node->kind == ConfigNode::Kind::kNull) node->kind = ConfigNode::Kind::kMap;
    if (node->kind != ConfigNode::Kind::kMap)
      throw ConfigProblem{place, "", fmt::format("{} has a value, it is not a section", path)};
    node = &entry(*node, part, place);
    path = join_path(path, part);
  }
  ConfigNode value = parse_yaml(override_text.substr(equals + 1), override_index);
  value.key = parts.back();
  *node = std::move(value);
}

void find_duplicates(const ConfigNode& node, const std::string& path,
                     std::vector<ConfigProblem>& problems) {
  if (node.kind != ConfigNode::Kind::kMap) return;
  std::map<std::string, ConfigPlace> seen;
  for (const ConfigNode& child : node.children) {
    const std::string child_path = join_path(path, child.key);
    const auto [first, fresh] = seen.emplace(child.key, child.place);
    if (!fresh && child.place.override_index >= 0)
      problems.push_back({child.place, child_path, fmt::format("duplicate key \"{}\"", child.key)});
    else if (!fresh)
      problems.push_back({child.place, child_path,
                          fmt::format("duplicate key \"{}\"; it is already on line {}", child.key,
                                      first->second.line)});
    find_duplicates(child, child_path, problems);
  }
}

std::string join_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

std::string one_line(const std::string& text, std::size_t longest) {
  std::string line;
  for (const char c : text) {
    const bool starts_character = (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // UTF-8
    if (line.size() >= longest && starts_character) return line + "…";
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return line;
}

}  // namespace trunkline
