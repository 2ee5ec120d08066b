// The reference of all keys, out of their descriptions.
#include <fmt/format.h>

#include "config_tree.hpp"
#include "config_values.hpp"
#include "keys_visit.hpp"

namespace trunkline {
namespace {

std::string type_name(bool) { return "yes/no"; }
std::string type_name(int64_t) { return "integer"; }
std::string type_name(double) { return "number"; }
std::string type_name(const std::string&) { return "text"; }
std::string type_name(const std::vector<int64_t>&) { return "list of integers"; }
std::string type_name(const std::vector<double>&) { return "list of numbers"; }
std::string type_name(const std::vector<std::string>&) { return "list of text"; }
std::string type_name(const OrderedMap<std::vector<std::string>>&) { return "names with lists"; }
template <class T>
std::string type_name(const std::optional<T>&) {
  return type_name(T{});
}

template <class T>
std::string default_text(const T& v) {
  return format_value(v);
}
std::string default_text(const std::string& v) { return v.empty() ? "none" : format_value(v); }
template <class T>
std::string default_text(const std::optional<T>& v) {
  return v ? format_value(*v) : "none";
}

class KeysDocumentation final : public KeysVisit<KeysDocumentation> {
 public:
  KeysDocumentation(std::string path, std::vector<KeyHelp>& lines)
      : path_(std::move(path)), lines_(lines) {}

  template <class T>
  void visit_value(const char* name, T& v, const char* help, const KeyRules& rules) {
    add(name, type_name(v), default_text(v), help, rules);
  }

  void choice(const char* name, std::string& v, const std::vector<std::string>& allowed,
              const char* help, KeyRules rules) override {
    add(name, fmt::format("{}", fmt::join(allowed, " | ")), default_text(v), help, rules);
  }

  void reject(const char*, const std::string&) override {}

 protected:
  void visit_section(const char* name, const char* help, const KeyRules& rules,
                     const Visit& visit) override {
    add(name, "section", "none", help, rules);
    KeysDocumentation section(join_path(path_, name), lines_);
    visit(section);
  }

  void visit_map(const char* name, const char* help, const KeyRules& rules, std::size_t,
                 const NameOf&, const VisitEntry& visit) override {
    add(name, "section", "none", help, rules);
    KeysDocumentation entry(join_path(join_path(path_, name), "NAME"), lines_);
    visit("NAME", entry);
  }

 private:
  void add(const char* name, std::string type, std::string default_value, const char* help,
           const KeyRules& rules) {
    lines_.push_back({.path = join_path(path_, name),
                      .type = std::move(type),
                      .default_value = rules.required ? "required" : std::move(default_value),
                      .range = range_text(rules),
                      .condition = rules.when_text,
                      .help = help});
  }

  std::string path_;
  std::vector<KeyHelp>& lines_;
};

}  // namespace

std::vector<KeyHelp> document_keys(const std::function<void(Keys&)>& describe_root) {
  std::vector<KeyHelp> lines;
  KeysDocumentation root("", lines);
  describe_root(root);
  return lines;
}

}  // namespace trunkline
