// Options as YAML: sections in block style, lists in flow style, in the order of description.
#include <algorithm>

#include "config_values.hpp"
#include "keys_visit.hpp"

namespace trunkline {
namespace {

class KeysWriter final : public KeysVisit<KeysWriter> {
 public:
  KeysWriter(std::string& text, std::size_t depth) : text_(text), indent_(2 * depth, ' ') {}

  template <class T>
  void visit_value(const char* name, T& v, const char*, const KeyRules& rules) {
    if (rules.when) write(name, v);
  }

  // An empty choice stands for "what suits the rest", which has no word in the file.
  void choice(const char* name, std::string& v, const std::vector<std::string>& allowed,
              const char*, KeyRules rules) override {
    const bool unsaid = v.empty() && std::find(allowed.begin(), allowed.end(), v) == allowed.end();
    if (rules.when && !unsaid) write(name, v);
  }

  void reject(const char*, const std::string&) override {}

 protected:
  // An empty section is left out, unless it must be there.
  void visit_section(const char* name, const char*, const KeyRules& rules,
                     const Visit& visit) override {
    if (rules.when) write_section(name, rules.required, visit);
  }

  void visit_map(const char* name, const char*, const KeyRules& rules, std::size_t size,
                 const NameOf& name_of, const VisitEntry& visit) override {
    if (!rules.when || size == 0) return;
    write_section(name, true, [&](Keys& keys) {
      auto& entries = static_cast<KeysWriter&>(keys);
      for (std::size_t i = 0; i < size; ++i) {
        const std::string entry = name_of(i);
        entries.write_section(format_value(entry), true, [&](Keys& inner) { visit(entry, inner); });
      }
    });
  }

 private:
  template <class T>
  void write(const char* name, const T& v) {
    text_ += indent_ + name + ": " + format_value(v) + "\n";
  }
  template <class T>
  void write(const char* name, const std::optional<T>& v) {
    if (v) write(name, *v);
  }

  void write_section(const std::string& name, bool keep_empty, const Visit& visit) {
    std::string inside;
    KeysWriter section(inside, indent_.size() / 2 + 1);
    visit(section);
    if (!inside.empty())
      text_ += indent_ + name + ":\n" + inside;
    else if (keep_empty)
      text_ += indent_ + name + ": {}\n";
  }

  std::string& text_;
  std::string indent_;
};

}  // namespace

std::string write_yaml(const std::function<void(Keys&)>& describe_root) {
  std::string text;
  KeysWriter writer(text, 0);
  describe_root(writer);
  return text.empty() ? "{}\n" : text;
}

}  // namespace trunkline
