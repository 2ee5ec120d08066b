// From YAML text to the tree, event by event.
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "config_tree.hpp"

namespace trunkline {
namespace {

// Aliases copy what they name, so a few lines can stand for any number of nodes.
constexpr std::size_t kMostNodes = 1'000'000;

std::size_t count_nodes(const ConfigNode& node) {
  std::size_t count = 1;
  for (const ConfigNode& child : node.children) count += count_nodes(child);
  return count;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(int override_index) : override_index_(override_index) {}

  ConfigNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document begins here; one is expected");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add({.place = place(mark)}, anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    add({.kind = ConfigNode::Kind::kScalar, .place = place(mark), .text = value, .quoted = quoted},
        anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) refuse(mark, "an alias inside the value that it stands for");
    nodes_ += count_nodes(known->second);
    if (nodes_ > kMostNodes) refuse(mark, "aliases make this config too large");
    add(known->second, 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(ConfigNode::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(ConfigNode::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map that is still being filled.
  struct Level {
    ConfigNode node;
    YAML::anchor_t anchor;
    std::optional<ConfigNode> key;  // of a map, read before its value
  };

  ConfigPlace place(const YAML::Mark& mark) const {
    return {.override_index = override_index_, .line = mark.line + 1};
  }
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& message) const {
    throw ConfigProblem{place(mark), "", message};
  }

  void open(ConfigNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    levels_.push_back({{.kind = kind, .place = place(mark)}, anchor, std::nullopt});
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    add(std::move(level.node), level.anchor);
  }

  void add(ConfigNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == ConfigNode::Kind::kMap && !level.key) {
      if (node.kind != ConfigNode::Kind::kScalar)
        throw ConfigProblem{node.place, "", "a key must be a word; null, lists and maps are not"};
      level.key = std::move(node);
      return;
    }
    if (level.key) {
      node.key = level.key->text;
      node.place = level.key->place;  // a value may begin on a later line than its key
      level.key.reset();
    }
    level.node.children.push_back(std::move(node));
  }

  int override_index_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  ConfigNode root_;
  std::vector<Level> levels_;
  std::map<YAML::anchor_t, ConfigNode> anchors_;
};

// yaml-cpp takes byte 4 for the end of the file, and would drop the rest in silence.
void refuse_control_characters(const std::string& text, int override_index) {
  const auto found = std::find_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (found == text.end()) return;
  const int line = 1 + static_cast<int>(std::count(text.begin(), found, '\n'));
  throw ConfigProblem{{override_index, line}, "", "control character; YAML text expected"};
}

}  // namespace

ConfigNode parse_yaml(const std::string& text, int override_index) {
  refuse_control_characters(text, override_index);
  TreeBuilder builder(override_index);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    throw ConfigProblem{
        {override_index, std::max(error.mark.line, 0) + 1},
        "",
        fmt::format("YAML syntax: {}; text with special characters needs quotes", error.msg)};
  }
  return builder.take_root();
}

}  // namespace trunkline
