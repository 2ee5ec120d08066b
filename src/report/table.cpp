#include "trunkline/report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

namespace trunkline {
namespace {

// Characters, not bytes: bytes 10xxxxxx continue a character in UTF-8.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool is_number(const std::string& cell) {
  constexpr std::string_view kFirst = "0123456789+-.";
  return !cell.empty() && kFirst.find(cell[0]) != kFirst.npos;
}

using Row = std::vector<std::string>;

const std::string& cell(const Row& row, std::size_t column) {
  static const std::string kEmpty;
  return column < row.size() ? row[column] : kEmpty;
}

struct Column {
  std::size_t width = 0;
  bool numbers = true;  // every cell is a number or empty, so that its title stands right too
};

std::vector<Column> measure(const Row& header, const std::vector<Row>& rows) {
  std::vector<Column> columns(header.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    columns[c].width = width(header[c]);
    for (const Row& row : rows) {
      columns[c].width = std::max(columns[c].width, width(cell(row, c)));
      columns[c].numbers &= is_number(cell(row, c)) || cell(row, c).empty();
    }
    columns[c].numbers &= !rows.empty();
  }
  return columns;
}

std::string padded(const std::string& text, std::size_t column_width, bool right) {
  const std::string space(column_width - width(text), ' ');
  return right ? space + text : text + space;
}

std::string joined(const Row& cells) {
  std::string line = fmt::format("{}", fmt::join(cells, "  "));
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string format_table(const std::vector<std::string>& header,
                         const std::vector<std::vector<std::string>>& rows) {
  const std::vector<Column> columns = measure(header, rows);
  Row titles, rules;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    titles.push_back(padded(header[c], columns[c].width, columns[c].numbers));
    rules.emplace_back(columns[c].width, '-');
  }
  std::string table = joined(titles) + joined(rules);
  for (const Row& row : rows) {
    Row cells;
    for (std::size_t c = 0; c < columns.size(); ++c)
      cells.push_back(padded(cell(row, c), columns[c].width, is_number(cell(row, c))));
    table += joined(cells);
  }
  return table;
}

std::string format_count(double n) {
  std::string digits = fmt::format("{:.0f}", n);
  if (!std::isfinite(n)) return digits;
  const std::size_t sign = digits[0] == '-' ? 1 : 0;
  for (std::size_t end = digits.size(); end > sign + 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

std::string format_bytes(double bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  constexpr double kAlmostNext = 1023.95;  // would be printed as 1024.0
  std::size_t unit = 0;
  while (std::abs(bytes) >= kAlmostNext && unit + 1 < kUnits.size()) {
    bytes /= 1024.0;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string format_seconds(double s) {
  constexpr double kLongest = 1e15;
  if (!(s >= 0.0 && s < kLongest)) return "?";
  const auto seconds = static_cast<long long>(std::llround(s));
  const long long hours = seconds / 3600, minutes = seconds / 60 % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, seconds % 60)
                   : fmt::format("{}:{:02}", minutes, seconds % 60);
}

std::string format_metric(double v) {
  const bool long_integer_part = std::abs(v) >= 1e4 && std::abs(v) < 1e7;
  return long_integer_part ? fmt::format("{:.0f}", v) : fmt::format("{:.4g}", v);
}

}  // namespace trunkline
