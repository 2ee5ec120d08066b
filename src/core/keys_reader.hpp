// Fills the options of one section from the tree of a config.
#pragma once

#include "config_tree.hpp"
#include "config_values.hpp"
#include "keys_visit.hpp"

namespace trunkline {

/// Collects problems instead of throwing at once, so that the first one in the file is reported,
/// whatever the order of description.
class KeysReader final : public KeysVisit<KeysReader> {
 public:
  /// @param section nullptr where the config does not have it; then nothing in it is required
  /// @param place of the section, or of the nearest one around it
  KeysReader(const ConfigNode* section, std::string path, ConfigPlace place,
             std::vector<ConfigProblem>& problems);

  /// Visits the section, then refuses the keys that the visit did not describe.
  void read(const Visit& visit);

  template <class T>
  void visit_value(const char* name, T& v, const char* help, const KeyRules& rules) {
    if (const ConfigNode* node = find(name, help, rules))
      collect([&] { parse(*node, join_path(path_, name), rules, v); });
  }

  void choice(const char* name, std::string& v, const std::vector<std::string>& allowed,
              const char* help, KeyRules rules) override;
  void reject(const char* name, const std::string& message) override;

 protected:
  void visit_section(const char* name, const char* help, const KeyRules& rules,
                     const Visit& visit) override;
  void visit_map(const char* name, const char* help, const KeyRules& rules, std::size_t size,
                 const NameOf& name_of, const VisitEntry& visit) override;

 private:
  // A key of the section, as far as it has been described.
  struct DescribedKey {
    std::string name = {};
    bool active = false;
    std::string condition = {};
  };

  template <class T>
  static void parse(const ConfigNode& node, const std::string& path, const KeyRules& rules, T& v) {
    parse_value(node, path, rules, v);
  }
  template <class T>
  static void parse(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                    std::optional<T>& v);
  template <class T>
  static void parse(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                    std::vector<T>& v);
  template <class T>
  static void parse(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                    OrderedMap<T>& v);
  template <class Action>
  void collect(const Action& action);

  const ConfigNode* find(const char* name, const char* help, const KeyRules& rules);
  void read_entry(const ConfigNode& entry, const std::string& map_path, const VisitEntry& visit);
  bool is_section(const ConfigNode& node, const std::string& path);
  DescribedKey* described(const std::string& name);
  void refuse_undescribed();
  std::string unknown_key(const std::string& key) const;
  void add(const ConfigNode& node, const std::string& path, const std::string& message);
  bool sound() const { return problems_.size() == problems_before_; }

  const ConfigNode* section_;
  std::string path_;
  ConfigPlace place_;
  std::vector<ConfigProblem>& problems_;
  std::size_t problems_before_;
  std::vector<DescribedKey> described_;
};

template <class Action>
void KeysReader::collect(const Action& action) {
  try {
    action();
  } catch (const ConfigProblem& problem) {
    problems_.push_back(problem);
  }
}

template <class T>
void KeysReader::parse(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                       std::optional<T>& v) {
  if (node.kind == ConfigNode::Kind::kNull) return v.reset();
  T parsed{};
  parse_value(node, path, rules, parsed);
  v = std::move(parsed);
}

template <class T>
void KeysReader::parse(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                       std::vector<T>& v) {
  std::vector<T> items;
  if (std::is_same_v<T, std::string> && node.kind == ConfigNode::Kind::kScalar) {
    parse_value(node, path, rules, items.emplace_back());
  } else if (node.kind == ConfigNode::Kind::kList) {
    for (const ConfigNode& item : node.children) {
      const std::string item_path = path + "[" + std::to_string(items.size()) + "]";
      parse_value(item, item_path, rules, items.emplace_back());
    }
  } else {
    throw ConfigProblem{node.place, path,
                        "list expected, found " + found_text(node) + "; write [a, b]"};
  }
  v = std::move(items);
}

template <class T>
void KeysReader::parse(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                       OrderedMap<T>& v) {
  if (node.kind != ConfigNode::Kind::kMap)
    throw ConfigProblem{node.place, path,
                        "names expected, found " + found_text(node) + "; write {name: [a, b]}"};
  OrderedMap<T> entries;
  for (const ConfigNode& entry : node.children)
    parse(entry, join_path(path, entry.key), rules, entries.emplace_back(entry.key, T{}).second);
  v = std::move(entries);
}

}  // namespace trunkline
