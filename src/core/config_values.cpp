#include "config_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

[[noreturn]] void refuse(const ConfigNode& node, const std::string& path,
                         const std::string& expected) {
  const bool needless_quotes = node.quoted && node.kind == ConfigNode::Kind::kScalar;
  throw ConfigProblem{node.place, path,
                      fmt::format("{} expected, found {}{}", expected, found_text(node),
                                  needless_quotes ? " as text; remove the quotes" : "")};
}

bool is_plain(const ConfigNode& node) {
  return node.kind == ConfigNode::Kind::kScalar && !node.quoted;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
  return text;
}

std::optional<bool> to_bool(const std::string& text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

// The whole text as a number; from_chars knows no plus sign, but YAML does.
template <class T>
std::errc to_number(std::string_view text, T& v) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  return end == text.data() + text.size() ? error : std::errc::invalid_argument;
}

// Digits, sign, dot and exponent only: from_chars also takes inf and nan.
bool looks_numeric(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
         text.find_first_of("0123456789") != std::string::npos;
}

template <class T>
void check_range(const ConfigNode& node, const std::string& path, const KeyRules& rules, T v) {
  const auto number = static_cast<double>(v);
  const bool inside =
      (rules.exclusive_min ? number > rules.min : number >= rules.min) && number <= rules.max;
  if (!inside)
    throw ConfigProblem{
        node.place, path,
        fmt::format("{} is out of range; expected {}", node.text, range_text(rules))};
}

// Whether YAML 1.1 or 1.2 readers would take the bare word for something other than text.
bool means_something_else(const std::string& text) {
  constexpr std::array<std::string_view, 6> kWords = {"null", "y", "n", ".nan", ".inf", "nan"};
  const std::string word = lower(text);
  return to_bool(text) || std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_plain_word(const std::string& text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view kFirst = "_/.";
  constexpr std::string_view kOthers = "0123456789+-";
  const auto allowed = [&](char c) {
    return kLetters.find(c) != kLetters.npos || kFirst.find(c) != kFirst.npos;
  };
  return !text.empty() && allowed(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return allowed(c) || kOthers.find(c) != kOthers.npos; }) &&
         !looks_numeric(text) && !means_something_else(text);
}

std::string quote(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      quoted += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

void parse_value(const ConfigNode& node, const std::string& path, const KeyRules&, bool& v) {
  const std::optional<bool> parsed = is_plain(node) ? to_bool(node.text) : std::nullopt;
  if (!parsed) refuse(node, path, "yes or no");
  v = *parsed;
}

void parse_value(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                 int64_t& v) {
  int64_t parsed = 0;
  const std::errc error =
      is_plain(node) ? to_number(node.text, parsed) : std::errc::invalid_argument;
  if (error == std::errc::result_out_of_range) refuse(node, path, "integer of 64 bits");
  if (error != std::errc()) refuse(node, path, "integer");
  check_range(node, path, rules, parsed);
  v = parsed;
}

void parse_value(const ConfigNode& node, const std::string& path, const KeyRules& rules,
                 double& v) {
  double parsed = 0.0;
  const std::errc error = is_plain(node) && looks_numeric(node.text) ? to_number(node.text, parsed)
                                                                     : std::errc::invalid_argument;
  if (error == std::errc::result_out_of_range) refuse(node, path, "number that fits a double");
  if (error != std::errc()) refuse(node, path, "number");
  check_range(node, path, rules, parsed);
  v = parsed;
}

void parse_value(const ConfigNode& node, const std::string& path, const KeyRules&, std::string& v) {
  if (node.kind != ConfigNode::Kind::kScalar) refuse(node, path, "text");
  v = node.text;
}

std::string found_text(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kScalar:
      return fmt::format("\"{}\"", one_line(node.text));
    case ConfigNode::Kind::kList:
      return "a list";
    case ConfigNode::Kind::kMap:
      return "a section";
    case ConfigNode::Kind::kNull:
      break;
  }
  return "nothing";
}

std::string format_value(bool v) { return v ? "true" : "false"; }

std::string format_value(int64_t v) { return fmt::format("{}", v); }

std::string format_value(double v) {
  ensure(std::isfinite(v), "a config holds finite numbers only; use an Optional for \"none\"");
  return fmt::format("{}", v);
}

std::string format_value(const std::string& v) { return is_plain_word(v) ? v : quote(v); }

std::string range_text(const KeyRules& rules) {
  const bool low = std::isfinite(rules.min), high = std::isfinite(rules.max);
  if (low && high && !rules.exclusive_min) return fmt::format("{} to {}", rules.min, rules.max);
  if (low && high) return fmt::format("> {} and <= {}", rules.min, rules.max);
  if (low) return fmt::format("{} {}", rules.exclusive_min ? ">" : ">=", rules.min);
  return high ? fmt::format("<= {}", rules.max) : "";
}

}  // namespace trunkline
