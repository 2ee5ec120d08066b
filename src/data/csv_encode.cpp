#include "csv_encode.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "csv_like.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using Form = CsvInput::Form;

// "FILE:7: column a: "12,3" is not a number", where a column that should be one is text.
std::string not_a_number(const std::string& path, const CsvColumnFacts& facts) {
  return fmt::format("{}:{}: column {}: {} is not a number", path, facts.first_text.line,
                     facts.name, shown(facts.first_text.text));
}

void check_collected(const std::string& path, const CsvColumnFacts& facts) {
  if (!facts.overflow) return;
  check<DataError>(
      !facts.numeric,
      "{}: column {}: too many different numbers for classes; write --target {}:regression", path,
      facts.name, facts.name);
  throw DataError(fmt::format(
      "{}, and as text it has too many different values; mend the cell, give --missing {} if it "
      "stands for a missing value, or --drop the column",
      not_a_number(path, facts), shown(facts.first_text.text)));
}

void check_numeric(const std::string& path, const CsvColumnFacts& facts, const std::string& kind) {
  check<DataError>(facts.numeric,
                   "{}, which a {} needs; mend the cell, or give --missing {} if it stands for a "
                   "missing value",
                   not_a_number(path, facts), kind, shown(facts.first_text.text));
}

CsvInput encode_input(const std::string& path, const CsvOptions& options, std::size_t column,
                      const CsvColumnFacts& facts, const CsvLike* like) {
  CsvInput input{column, Form::kNumber, {}, {facts.name}};
  if (like != nullptr) {
    if (const auto known = like->codes.find(facts.name); known != like->codes.end()) {
      input.form = Form::kCode;
      input.codes = known->second;
      return input;
    }
    check_numeric(path, facts, "column of numbers in " + like->path);
  }
  if (facts.numeric) {
    check<DataError>(
        !facts.any_missing() || !options.fill.empty(),
        "{}:{}: column {}: no number; give --fill NUMBER for missing inputs, or --drop "
        "the column",
        path, facts.first_missing.line, facts.name);
    return input;
  }
  input.form = options.text == "codes" ? Form::kCode : Form::kOneHot;
  input.codes = number_values(path, facts);
  if (input.form == Form::kCode) return input;
  input.names.clear();
  for (const std::string& value : input.codes.names)
    input.names.push_back(facts.name + "=" + value);
  return input;
}

// Another order or number of columns would mean other things by the same places.
void check_same_columns(const std::string& path, const CsvEncoding& encoding, const CsvLike& like) {
  const std::vector<std::string> found = encoding.feature_names();
  check<DataError>(found == like.columns,
                   "{}: its inputs are {}, but those of {} are {}; give both the same columns in "
                   "the same order",
                   path, fmt::join(found, ", "), like.path, fmt::join(like.columns, ", "));
}

// A few texts among numbers are rarely meant; names of classes that are numbers are few.
std::optional<std::string> doubt_about(const CsvColumnFacts& facts) {
  constexpr double kRare = 0.2;
  const auto texts = static_cast<double>(facts.texts);
  if (facts.texts == 0 || texts > kRare * static_cast<double>(facts.numbers)) return std::nullopt;
  return fmt::format(
      "warning: column {}: {} of {} cells are numbers, but line {} has {}, so it was taken as "
      "text; if that stands for a missing value, give --missing {}",
      facts.name, facts.numbers, facts.numbers + facts.texts, facts.first_text.line,
      shown(facts.first_text.text), shown(facts.first_text.text));
}

std::string note_of(const CsvInput& input, const std::string& name, const CsvOptions& options,
                    const CsvLike* like) {
  if (like != nullptr)
    return fmt::format("input {}: {} codes of {}", name, input.codes.names.size(), like->path);
  return fmt::format("input {}: text, {} values, {}", name, input.codes.names.size(), options.text);
}

CsvOutput encode_output(const std::string& path, const CsvTarget& target, const CsvFacts& facts,
                        const CsvLike* like) {
  CsvOutput output{target, {}, false};
  const CsvColumnFacts& first = facts.columns[target.columns.front()];
  if (target.kind.empty()) output.target.kind = first.numeric ? "regression" : "classification";
  for (const std::size_t column : target.columns) {
    output.any_missing = output.any_missing || facts.columns[column].any_missing();
    if (output.target.kind != "classification")
      check_numeric(path, facts.columns[column], output.target.kind);
  }
  if (output.target.kind != "classification") return output;
  output.codes =
      like != nullptr ? like->classes_of(path, target, first) : number_values(path, first);
  return output;
}

std::string note_of(const CsvOutput& output) {
  const CsvTarget& target = output.target;
  std::string note = fmt::format("target {}: {}", target.name, target.kind);
  if (target.kind == "classification")
    note += fmt::format(" of {} classes", output.codes.names.size());
  if (target.columns.size() > 1) note += fmt::format(", {} columns", target.columns.size());
  return note + (output.any_missing ? ", with missing values" : "");
}

float parse_fill(const std::string& text) {
  if (text.empty()) return 0;
  const auto number = number_of(text);
  check<UsageError>(number.has_value(), "--fill {}: expected a number", text);
  return static_cast<float>(*number);
}

}  // namespace

bool CsvCodes::plain() const {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] != std::to_string(i)) return false;
  return true;
}

std::string class_name(const CsvColumnFacts& facts, const std::string& value) {
  return facts.numeric ? fmt::format("{}", *number_of(value)) : value;
}

CsvCodes number_values(const std::string& path, const CsvColumnFacts& facts) {
  check_collected(path, facts);
  check<DataError>(!facts.values.empty(), "{}: column {}: every cell is missing", path, facts.name);
  std::vector<std::string> values(facts.values.begin(), facts.values.end());
  if (facts.numeric)
    std::ranges::stable_sort(values, {}, [](const std::string& v) { return *number_of(v); });
  CsvCodes codes;
  for (const std::string& value : values) {
    check<DataError>(is_utf8(value), "{}: column {}: {} is not UTF-8; convert the file to UTF-8",
                     path, facts.name, shown(value));
    const std::string name = class_name(facts, value);
    if (codes.names.empty() || codes.names.back() != name) codes.names.push_back(name);
    codes.code[value] = static_cast<int64_t>(codes.names.size()) - 1;
  }
  return codes;
}

std::vector<std::string> CsvEncoding::feature_names() const {
  std::vector<std::string> names;
  for (const CsvInput& input : inputs)
    names.insert(names.end(), input.names.begin(), input.names.end());
  return names;
}

std::vector<int64_t> CsvEncoding::code_counts() const {
  std::vector<int64_t> counts;
  bool any = false;
  for (const CsvInput& input : inputs) {
    const bool codes = input.form == Form::kCode;
    any = any || codes;
    const auto values = static_cast<int64_t>(input.codes.names.size());
    counts.insert(counts.end(), input.names.size(), codes ? values + 1 : 0);
  }
  return any ? counts : std::vector<int64_t>{};
}

CsvEncoding choose_encoding(const std::string& path, const CsvOptions& options,
                            const CsvSelection& selection, const CsvFacts& facts,
                            const CsvLike* like) {
  CsvEncoding encoding;
  encoding.fill = parse_fill(options.fill);
  for (const std::size_t column : selection.inputs) {
    const CsvColumnFacts& of_column = facts.columns[column];
    const CsvInput& input =
        encoding.inputs.emplace_back(encode_input(path, options, column, of_column, like));
    if (input.form != Form::kNumber)
      encoding.notes.push_back(note_of(input, of_column.name, options, like));
    if (const auto doubt = doubt_about(of_column); doubt && like == nullptr)
      encoding.notes.push_back(*doubt);
  }
  if (like != nullptr) check_same_columns(path, encoding, *like);
  for (const CsvTarget& target : selection.targets) {
    encoding.outputs.push_back(encode_output(path, target, facts, like));
    encoding.notes.push_back(note_of(encoding.outputs.back()));
    const auto doubt = doubt_about(facts.columns[target.columns.front()]);
    if (doubt && like == nullptr)  // which has said what the column is
      encoding.notes.push_back(*doubt);
  }
  return encoding;
}

float float_cell(const CsvFile& file, const std::string& column, const std::string& cell) {
  const auto number = number_of(cell);
  check<DataError>(number && std::abs(*number) <= std::numeric_limits<float>::max(),
                   "{}:{}: column {}: {} does not fit a 32-bit float", file.path(), file.line(),
                   column, shown(cell));
  return static_cast<float>(*number);
}

}  // namespace trunkline
