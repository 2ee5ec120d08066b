// The keys of a config: one definition each, from which parsing, checking, printing and the
// reference page come.
//
// A struct of options lives beside the type that it configures, and describes its keys once:
//
//   struct ScheduleOptions { std::string kind = "constant"; int64_t warmup_steps = 0; };
//   void describe(Keys& keys, ScheduleOptions& o) {
//     keys.choice("kind", o.kind, {"constant", "cosine"}, "how the rate changes over time");
//     keys.value("warmup_steps", o.warmup_steps, "steps of linear warm-up", {.min = 0});
//   }
//
// `Keys` then visits the struct in one of three ways: filling it from YAML, writing it as YAML, or
// documenting it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trunkline {

/// An option that may be absent, distinct from its default.
template <class T>
using Optional = std::optional<T>;

/// A map that keeps the order of the file: the order of tasks decides ties.
template <class T>
using OrderedMap = std::vector<std::pair<std::string, T>>;

/// Range of a number, and when a key belongs to its section at all.
struct KeyRules {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool exclusive_min = false;  ///< the value must be greater than min, not equal
  bool required = false;
  /// The key is known only where this holds, e.g. {.when = o.kind == "mlp", .when_text = "kind:
  /// mlp"}.
  bool when = true;
  std::string when_text = {};
};

/// One way of visiting the keys of a config. Implementations: YAML reader, YAML writer,
/// documentation. A section may be described only once per visit. Not thread-safe.
class Keys {
 public:
  virtual ~Keys() = default;

  virtual void value(const char* name, bool& v, const char* help, KeyRules rules = {}) = 0;
  virtual void value(const char* name, int64_t& v, const char* help, KeyRules rules = {}) = 0;
  virtual void value(const char* name, double& v, const char* help, KeyRules rules = {}) = 0;
  virtual void value(const char* name, std::string& v, const char* help, KeyRules rules = {}) = 0;
  virtual void value(const char* name, std::vector<int64_t>& v, const char* help,
                     KeyRules rules = {}) = 0;
  virtual void value(const char* name, std::vector<double>& v, const char* help,
                     KeyRules rules = {}) = 0;
  /// A list of strings; a single string is a list of one.
  virtual void value(const char* name, std::vector<std::string>& v, const char* help,
                     KeyRules rules = {}) = 0;
  virtual void value(const char* name, Optional<int64_t>& v, const char* help,
                     KeyRules rules = {}) = 0;
  virtual void value(const char* name, Optional<double>& v, const char* help,
                     KeyRules rules = {}) = 0;
  virtual void value(const char* name, Optional<std::string>& v, const char* help,
                     KeyRules rules = {}) = 0;

  /// User-chosen names, each with a list of strings (or one string).
  virtual void value(const char* name, OrderedMap<std::vector<std::string>>& v, const char* help,
                     KeyRules rules = {}) = 0;

  /// A string out of a fixed set; a near miss is answered with a suggestion.
  virtual void choice(const char* name, std::string& v, const std::vector<std::string>& allowed,
                      const char* help, KeyRules rules = {}) = 0;

  /// A nested section, described by describe(Keys&, T&) found by argument-dependent lookup. Where
  /// the config does not have the section nothing in it is required; require the section for that.
  template <class T>
  void section(const char* name, T& options, const char* help, const KeyRules& rules = {}) {
    visit_section(name, help, rules, [&options](Keys& keys) { describe(keys, options); });
  }

  /// The same with a description that knows more than the options.
  template <class T, class Describe>
  void section(const char* name, T& options, const char* help, const KeyRules& rules,
               const Describe& describe_options) {
    visit_section(name, help, rules, [&](Keys& keys) { describe_options(keys, options); });
  }

  /// A section with user-chosen names (sources, tasks), in the order of the file. Names consist of
  /// letters, digits, _ and -, because tensors and files are named after them. Required: at least
  /// one entry.
  template <class T>
  void map(const char* name, OrderedMap<T>& entries, const char* help, const KeyRules& rules = {}) {
    map(name, entries, help, rules, [](Keys& keys, T& options) { describe(keys, options); });
  }

  /// The same with a description of an entry that knows more than its options.
  template <class T, class Describe>
  void map(const char* name, OrderedMap<T>& entries, const char* help, const KeyRules& rules,
           const Describe& describe_entry) {
    visit_map(
        name, help, rules, entries.size(), [&](std::size_t i) { return entries[i].first; },
        [&](const std::string& entry, Keys& keys) {
          for (auto& [known, options] : entries)
            if (known == entry) return describe_entry(keys, options);
          describe_entry(keys, entries.emplace_back(entry, T{}).second);
        });
  }

  /// Refuses the value of a key of the current section: "FILE:LINE: section.name: message". Only
  /// the reader throws, which ends the description of this section.
  virtual void reject(const char* name, const std::string& message) = 0;

 protected:
  using Visit = std::function<void(Keys&)>;
  using NameOf = std::function<std::string(std::size_t)>;
  using VisitEntry = std::function<void(const std::string&, Keys&)>;
  virtual void visit_section(const char* name, const char* help, const KeyRules& rules,
                             const Visit& visit) = 0;
  virtual void visit_map(const char* name, const char* help, const KeyRules& rules,
                         std::size_t size, const NameOf& name_of, const VisitEntry& visit) = 0;
};

/// Fills `describe`d options from a YAML file and KEY=VALUE overrides ("train.epochs=3"; the value
/// is YAML).
/// @throws UsageError, one line "FILE:LINE: …; did you mean "…"?" (overrides: "command line:
/// KEY=VALUE: …") for an
///   unknown, misspelt or duplicate key, a wrong type, an impossible value, or a missing required
///   key
void read_yaml_file(const std::string& path, const std::vector<std::string>& overrides,
                    const std::function<void(Keys&)>& describe_root);

/// The same from text; `name` stands for the file in messages.
void read_yaml_text(const std::string& text, const std::string& name,
                    const std::vector<std::string>& overrides,
                    const std::function<void(Keys&)>& describe_root);

/// All options as YAML that read_yaml_text reads back to the same values. Keys whose `when` is
/// false, absent Optionals and empty choices are left out. @throws BugError for NaN or infinity
std::string write_yaml(const std::function<void(Keys&)>& describe_root);

/// One line per key for `trunkline help config` and the reference page.
struct KeyHelp {
  std::string path;  ///< "train.optimizer.lr"; a user-chosen name is "tasks.NAME.kind"
  std::string type;  ///< "integer", "number", "text", "yes/no", "list of …", "a | b | c", "section"
  std::string default_value;  ///< as YAML; "required" or "none" where there is none
  std::string range;          ///< "> 0", "0 to 1", or empty
  std::string condition;      ///< "kind: mlp", or empty
  std::string help;
};
std::vector<KeyHelp> document_keys(const std::function<void(Keys&)>& describe_root);

/// The candidate nearest to a misspelt word by edit distance, if near enough to be meant.
std::optional<std::string> nearest(const std::string& word,
                                   const std::vector<std::string>& candidates);

}  // namespace trunkline
