#include "csv_scan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr std::size_t kMaxOneHot = 256;
constexpr std::size_t kMaxValues = 65536;

bool is_space(char c) { return c == ' ' || c == '\t'; }

// How many values of each column are worth keeping: those that may become classes or codes.
std::vector<std::size_t> value_limits(std::size_t columns, const CsvOptions& options,
                                      const CsvSelection& selection) {
  std::vector<std::size_t> limits(columns, options.text == "codes" ? kMaxValues : kMaxOneHot);
  for (const CsvTarget& target : selection.targets)
    for (const std::size_t column : target.columns) limits[column] = kMaxValues;
  return limits;
}

void add_cell(CsvColumnFacts& facts, const std::optional<std::string>& cell, int64_t line,
              std::size_t limit, bool target) {
  if (!cell) {
    if (!facts.any_missing()) facts.first_missing = {line, ""};
    return;
  }
  const bool is_number = number_of(*cell).has_value();
  ++(is_number ? facts.numbers : facts.texts);
  if (facts.numeric && !is_number) {
    facts.numeric = false;
    facts.first_text = {line, *cell};
  }
  if (facts.overflow) return;
  facts.values.insert(*cell);
  // Numbers of an input need no list, but a text among the first of them may yet appear.
  const std::size_t most = facts.numeric && !target ? std::min(limit, kMaxOneHot) : limit;
  facts.overflow = facts.values.size() > most;
  if (facts.overflow) facts.values.clear();
}

void check_shares(const std::string& path, int64_t rows, const CsvSelection& selection,
                  const CsvFacts& facts) {
  check<DataError>(rows > 0, "{}: no rows below the names of the columns", path);
  for (std::size_t s = 0; s < selection.shares.size(); ++s)
    check<DataError>(facts.share_rows[s] > 0, "{}: none of its {} rows falls into {}", path, rows,
                     selection.shares[s].group);
}

}  // namespace

std::optional<std::string> present_cell(const std::string& field, const CsvOptions& options) {
  const auto begin = std::ranges::find_if_not(field, is_space);
  const auto end = std::find_if_not(field.rbegin(), field.rend(), is_space).base();
  std::string cell = begin < end ? std::string(begin, end) : std::string();
  if (cell.empty() || std::ranges::find(options.missing, cell) != options.missing.end())
    return std::nullopt;
  return cell;
}

std::optional<double> number_of(const std::string& cell) {
  double number = 0;
  const char* begin = cell.data() + (cell.starts_with('+') && cell.size() > 1 && cell[1] != '-');
  const auto [end, error] = std::from_chars(begin, cell.data() + cell.size(), number);
  const bool whole = error == std::errc{} && end == cell.data() + cell.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

CsvFacts scan_csv(const std::string& path, const CsvOptions& options,
                  const CsvSelection& selection) {
  CsvFile file(path, options.delimiter);
  CsvFacts facts{{}, std::vector<int64_t>(selection.shares.size())};
  for (const std::string& name : file.columns()) facts.columns.emplace_back().name = name;
  const auto limits = value_limits(facts.columns.size(), options, selection);
  std::vector<bool> is_target(facts.columns.size()), is_used(facts.columns.size());
  for (const std::size_t column : selection.inputs) is_used[column] = true;
  for (const CsvTarget& target : selection.targets)
    for (const std::size_t column : target.columns) is_target[column] = is_used[column] = true;
  int64_t rows = 0;
  for (std::vector<std::string> fields; file.next(fields); ++rows) {
    for (std::size_t c = 0; c < fields.size(); ++c)
      if (is_used[c])
        add_cell(facts.columns[c], present_cell(fields[c], options), file.line(), limits[c],
                 is_target[c]);
    if (const auto share = share_of_row(selection, options.seed, rows)) ++facts.share_rows[*share];
  }
  check_shares(path, rows, selection, facts);
  return facts;
}

}  // namespace trunkline
