#include "config_page.hpp"

#include <fmt/format.h>

#include <cctype>

namespace trunkline {
namespace {

constexpr const char* kIntroduction =
    R"(# Config reference

Every key of a config: what `trunkline help config --markdown` prints.
`NAME` is a name of your choice. "with" names the condition under which a key may be set. A default of *required* means there is none.
)";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

// "none" stands for no default, except where it is a word that the key may have.
std::string default_cell(const KeyHelp& key) {
  const std::string& value = key.default_value;
  if (value.empty() || (value == "none" && !key.type.starts_with("none |"))) return "";
  return value == "required" ? "*required*" : fmt::format("`{}`", escaped(value));
}

std::string heading(const KeyHelp& section) {
  std::string sentence = section.help;
  sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
  return fmt::format(
      "\n## {}\n\n{}.\n\n| key | type | default | range, condition | meaning "
      "|\n|---|---|---|---|---|\n",
      section.path, sentence);
}

std::string row(const KeyHelp& key) {
  std::string rules = key.range;
  if (!key.condition.empty())
    rules += fmt::format("{}with {}", rules.empty() ? "" : ", ", key.condition);
  return fmt::format("| `{}` | {} | {} | {} | {} |\n", key.path, escaped(key.type),
                     default_cell(key), escaped(rules), escaped(key.help));
}

}  // namespace

std::string config_page(const std::vector<KeyHelp>& keys) {
  std::string page = kIntroduction;
  for (const KeyHelp& key : keys) {
    const bool first_level = key.path.find('.') == std::string::npos;
    if (first_level) page += heading(key);
    if (!first_level && key.type != "section") page += row(key);
  }
  return page;
}

}  // namespace trunkline
