#include "keys_reader.hpp"

#include <algorithm>
#include <string_view>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates,
                         const std::string& otherwise) {
  if (const auto near = nearest(word, candidates))
    return fmt::format("; did you mean \"{}\"?", *near);
  return candidates.empty() ? "" : fmt::format("; {} {}", otherwise, fmt::join(candidates, ", "));
}

bool is_name(const std::string& text) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string::npos;
}

}  // namespace

KeysReader::KeysReader(const ConfigNode* section, std::string path, ConfigPlace place,
                       std::vector<ConfigProblem>& problems)
    : section_(section),
      path_(std::move(path)),
      place_(place),
      problems_(problems),
      problems_before_(problems.size()) {}

void KeysReader::read(const Visit& visit) {
  try {
    visit(*this);
  } catch (const ConfigProblem& rejection) {
    // After another problem it may only be a consequence: the value read was not the one meant.
    if (sound()) problems_.push_back(rejection);
    return;
  }
  refuse_undescribed();
}

void KeysReader::choice(const char* name, std::string& v, const std::vector<std::string>& allowed,
                        const char* help, KeyRules rules) {
  const ConfigNode* node = find(name, help, rules);
  if (!node) return;
  const std::string path = join_path(path_, name);
  collect([&] {
    std::string chosen;
    parse_value(*node, path, rules, chosen);
    if (std::find(allowed.begin(), allowed.end(), chosen) == allowed.end())
      throw ConfigProblem{node->place, path,
                          fmt::format("unknown value {}{}", found_text(*node),
                                      did_you_mean(chosen, allowed, "expected one of"))};
    v = chosen;
  });
}

void KeysReader::reject(const char* name, const std::string& message) {
  constexpr std::size_t kLongest = 500;
  const ConfigNode* node = section_ ? section_->find(name) : nullptr;
  throw ConfigProblem{node ? node->place : place_, join_path(path_, name),
                      one_line(message, kLongest), !node};
}

void KeysReader::visit_section(const char* name, const char* help, const KeyRules& rules,
                               const Visit& visit) {
  const ConfigNode* node = find(name, help, rules);
  const std::string path = join_path(path_, name);
  if (!rules.when || (node && !is_section(*node, path))) return;
  KeysReader(node, path, node ? node->place : place_, problems_).read(visit);
}

void KeysReader::visit_map(const char* name, const char* help, const KeyRules& rules, std::size_t,
                           const NameOf&, const VisitEntry& visit) {
  const ConfigNode* node = find(name, help, rules);
  const std::string path = join_path(path_, name);
  if (!node || !is_section(*node, path)) return;
  if (node->children.empty() && rules.required)
    add(*node, path, "at least one entry expected; write NAME: {…}");
  for (const ConfigNode& child : node->children) read_entry(child, path, visit);
}

void KeysReader::read_entry(const ConfigNode& entry, const std::string& map_path,
                            const VisitEntry& visit) {
  const std::string path = join_path(map_path, one_line(entry.key));
  if (!is_name(entry.key))
    add(entry, path, "letters, digits, _ and - expected in a name; files are named after it");
  else if (is_section(entry, path))
    KeysReader(&entry, path, entry.place, problems_).read([&](Keys& keys) {
      visit(entry.key, keys);
    });
}

// Notes that the section has this key; a key may be described twice, for different conditions.
// @return its node if there is something to read
const ConfigNode* KeysReader::find(const char* name, const char* help, const KeyRules& rules) {
  DescribedKey* known = described(name);
  if (!known) known = &described_.emplace_back(DescribedKey{.name = name});
  known->active |= rules.when;
  if (!rules.when) known->condition += (known->condition.empty() ? "" : " or ") + rules.when_text;

  const ConfigNode* node = section_ ? section_->find(name) : nullptr;
  if (rules.when && rules.required && section_ && !node)
    problems_.push_back(
        {place_, join_path(path_, name), fmt::format("required key is missing ({})", help), true});
  return rules.when ? node : nullptr;
}

KeysReader::DescribedKey* KeysReader::described(const std::string& name) {
  const auto found = std::find_if(described_.begin(), described_.end(),
                                  [&](const DescribedKey& key) { return key.name == name; });
  return found == described_.end() ? nullptr : &*found;
}

void KeysReader::refuse_undescribed() {
  const bool conditions_hold = sound();  // else the one they depend on may be the wrong one
  if (!section_) return;
  for (const ConfigNode& child : section_->children) {
    const DescribedKey* known = described(child.key);
    const std::string path = join_path(path_, one_line(child.key));
    if (!known)
      add(child, path, unknown_key(child.key));
    else if (!known->active && conditions_hold)
      add(child, path, fmt::format("key \"{}\" belongs to {}", child.key, known->condition));
  }
}

std::string KeysReader::unknown_key(const std::string& key) const {
  std::vector<std::string> names;
  for (const DescribedKey& known : described_)
    if (known.active) names.push_back(known.name);
  return fmt::format("unknown key \"{}\" {}{}", one_line(key),
                     path_.empty() ? "at the top" : "in " + path_,
                     did_you_mean(key, names, "known are"));
}

bool KeysReader::is_section(const ConfigNode& node, const std::string& path) {
  if (node.kind == ConfigNode::Kind::kMap || node.kind == ConfigNode::Kind::kNull) return true;
  add(node, path,
      fmt::format("section expected, found {}; write {{key: value}}", found_text(node)));
  return false;
}

void KeysReader::add(const ConfigNode& node, const std::string& path, const std::string& message) {
  problems_.push_back({node.place, path, message});
}

}  // namespace trunkline
