#include "csv_selection.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "trunkline/core/error.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

constexpr double kRounding = 1e-9;  // 0.7 + 0.2 + 0.1

const std::vector<std::string> kKinds = {"classification", "regression", "multilabel"};

std::vector<std::string> cut_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The columns of a table, as the options name them.
class ColumnNames {
 public:
  explicit ColumnNames(const std::vector<std::string>& names) : names_(names) {}

  bool has(const std::string& name) const {
    return std::ranges::find(names_, name) != names_.end();
  }

  std::size_t index(const std::string& option, const std::string& name) const {
    const auto found = std::ranges::find(names_, name);
    if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
    const auto meant = nearest(name, names_);
    throw UsageError(fmt::format("{}: no column \"{}\"{}; there are: {}", option, name,
                                 meant ? fmt::format("; did you mean \"{}\"?", *meant) : "",
                                 fmt::join(names_, ", ")));
  }

  // "a,b"; a name that has a comma itself stands for one column.
  std::vector<std::size_t> list(const std::string& option, const std::string& text) const {
    if (has(text)) return {index(option, text)};
    std::vector<std::size_t> indices;
    for (const std::string& name : cut_at_commas(text)) indices.push_back(index(option, name));
    return indices;
  }

 private:
  const std::vector<std::string>& names_;
};

// Cuts ":kind" off, unless it belongs to the name of a column.
std::string cut_kind(std::string& text, const ColumnNames& columns) {
  const std::size_t colon = text.rfind(':');
  if (columns.has(text) || colon == std::string::npos) return "";
  std::string kind = text.substr(colon + 1);
  const bool known = std::ranges::find(kKinds, kind) != kKinds.end();
  check<UsageError>(known || !columns.has(text.substr(0, colon)),
                    "--target {}: no kind \"{}\"; expected {}", text, kind,
                    fmt::join(kKinds, ", "));
  if (!known) return "";
  text.resize(colon);
  return kind;
}

CsvTarget parse_target(const std::string& option, const ColumnNames& columns) {
  const std::string where = "--target " + option;
  CsvTarget target;
  std::string text = option;
  target.kind = cut_kind(text, columns);
  const std::size_t equals = text.find('=');
  const bool named = !columns.has(text) && equals != std::string::npos;
  target.columns = columns.list(where, named ? text.substr(equals + 1) : text);
  target.name = named ? text.substr(0, equals) : text;
  check<UsageError>(named || target.columns.size() == 1,
                    "{}: several columns need a name; write NAME={}", where, text);
  check<UsageError>(!target.name.empty() && target.name != "." && target.name != ".." &&
                        target.name.find('/') == std::string::npos,
                    "{}: \"{}\" cannot name a data set; write NAME={}", where, target.name,
                    named ? text.substr(equals + 1) : text);
  const bool one_column = target.columns.size() == 1;
  check<UsageError>(one_column || target.kind == "regression" || target.kind == "multilabel",
                    "{}: several columns need a kind; write :regression or :multilabel behind them",
                    where);
  return target;
}

void check_names(const std::vector<CsvTarget>& targets) {
  std::set<std::string> names = {"x"};
  for (const CsvTarget& target : targets)
    for (const std::string& name : {target.name, target.name + "_valid"})
      check<UsageError>(names.insert(name).second,
                        "--target {}: {} is taken; write NAME={} with another name", target.name,
                        name, target.name);
}

std::vector<CsvShare> parse_shares(const std::string& split) {
  if (split.empty()) return {{}};
  std::vector<CsvShare> shares;
  std::set<std::string> names;
  double end = 0;
  for (const std::string& part : cut_at_commas(split)) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string name = part.substr(0, equals);
    double share = 0;
    const char* last = part.data() + part.size();
    const auto [stop, error] =
        std::from_chars(part.data() + std::min(equals + 1, part.size()), last, share);
    check<UsageError>(!name.empty() && name.find('/') == std::string::npos &&
                          error == std::errc{} && stop == last && share > 0 && share <= 1,
                      "--split {}: \"{}\"; expected NAME=SHARE with a share above 0 and up to 1",
                      split, part);
    check<UsageError>(names.insert(name).second, "--split {}: {} is there twice", split, name);
    shares.push_back({name + "/", end += share});
  }
  check<UsageError>(end <= 1 + kRounding, "--split {}: the shares sum to {}; expected at most 1",
                    split, end);
  if (end > 1 - kRounding) shares.back().end = 1;
  return shares;
}

}  // namespace

CsvSelection select_columns(const std::vector<std::string>& columns, const CsvOptions& options) {
  const ColumnNames names(columns);
  CsvSelection selection;
  std::set<std::size_t> used;
  for (const std::string& option : options.targets) {
    selection.targets.push_back(parse_target(option, names));
    const auto& indices = selection.targets.back().columns;
    used.insert(indices.begin(), indices.end());
  }
  check_names(selection.targets);
  for (const std::string& option : options.drop)
    for (const std::size_t column : names.list("--drop", option))
      check<UsageError>(used.insert(column).second,
                        "--drop {}: the column is dropped already, or "
                        "is a target",
                        columns[column]);
  for (std::size_t column = 0; column < columns.size(); ++column)
    if (!used.contains(column)) selection.inputs.push_back(column);
  check<UsageError>(!selection.inputs.empty(),
                    "no column is left for the input; every one is a target or dropped");
  selection.shares = parse_shares(options.split);
  return selection;
}

std::optional<std::size_t> share_of_row(const CsvSelection& selection, uint64_t seed, int64_t row) {
  const double place = uniform(key({seed, name_key("csv"), static_cast<uint64_t>(row)}));
  for (std::size_t s = 0; s < selection.shares.size(); ++s)
    if (place < selection.shares[s].end) return s;
  return std::nullopt;
}

}  // namespace trunkline
