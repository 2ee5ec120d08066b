#include "trunkline/data/convert_csv.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "csv_encode.hpp"
#include "csv_like.hpp"
#include "stopwatch.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/h5/writer.hpp"

namespace trunkline {
namespace {

constexpr std::size_t kMaxListBytes = 60000;  // an attribute holds 64 KiB at most
constexpr std::size_t kByteClasses = 256;

// A row of the table and what its cells mean.
struct CsvRow {
  const CsvFile& file;
  const CsvOptions& options;
  const std::vector<std::string>& fields;

  std::optional<std::string> cell(std::size_t column) const {
    return present_cell(fields[column], options);
  }
  float number(std::size_t column, const std::string& cell) const {
    return float_cell(file, file.columns()[column], cell);
  }
  int64_t code(std::size_t column, const CsvCodes& codes, const std::string& cell) const {
    const auto found = codes.code.find(cell);
    check<DataError>(found != codes.code.end(),
                     "{}:{}: column {}: {} was not there a moment ago; "
                     "is the file being written?",
                     file.path(), file.line(), file.columns()[column], shown(cell));
    return found->second;
  }
};

void write_list(h5::DatasetWriter& dataset, const std::string& attribute,
                const std::vector<std::string>& list) {
  std::size_t longest = 1;
  for (const std::string& text : list) longest = std::max(longest, text.size());
  if (longest * list.size() <= kMaxListBytes) dataset.attribute(attribute, list);
}

// One target of one group, and which of its values are there.
class TargetWriter {
 public:
  TargetWriter(h5::Writer& file, const std::string& group, int64_t rows, const CsvOutput& output)
      : output_(output) {
    const CsvTarget& target = output.target;
    const bool classes = target.kind == "classification", bits = target.kind == "multilabel";
    const auto width = static_cast<int64_t>(target.columns.size());
    const std::vector<int64_t> shape =
        bits || width > 1 ? std::vector<int64_t>{width} : std::vector<int64_t>{};
    wide_ = classes && output.codes.names.size() > kByteClasses;
    const DType type = wide_ ? DType::kI32 : classes || bits ? DType::kU8 : DType::kF32;
    values_ = &file.create(
        {.name = group + target.name, .dtype = type, .rows = rows, .row_shape = shape});
    if (output.any_missing)
      valid_ =
          &file.create({.name = group + target.name + "_valid", .rows = rows, .row_shape = shape});
    describe();
  }

  void append(const CsvRow& row) {
    std::vector<uint8_t> valid;
    std::vector<float> numbers;
    for (const std::size_t column : output_.target.columns) {
      const auto cell = row.cell(column);
      valid.push_back(cell.has_value());
      numbers.push_back(cell ? value(row, column, *cell) : 0.0F);
    }
    if (valid_) valid_->append(std::span<const uint8_t>(valid));
    append_numbers(numbers);
  }

 private:
  void describe() {
    values_->attribute("role", "target");
    values_->attribute("kind", output_.target.kind);
    if (output_.target.kind != "classification") return;
    values_->attribute("num_classes", static_cast<int64_t>(output_.codes.names.size()));
    if (!output_.codes.plain()) write_list(*values_, "class_names", output_.codes.names);
  }

  float value(const CsvRow& row, std::size_t column, const std::string& cell) const {
    if (output_.target.kind == "classification")
      return static_cast<float>(row.code(column, output_.codes, cell));
    const float number = row.number(column, cell);
    check<DataError>(output_.target.kind == "regression" || number == 0 || number == 1,
                     "{}:{}: column {}: {}; a multilabel target has 0 and 1 only", row.file.path(),
                     row.file.line(), row.file.columns()[column], shown(cell));
    return number;
  }

  void append_numbers(const std::vector<float>& numbers) {
    if (output_.target.kind == "regression")
      values_->append(std::span<const float>(numbers));
    else if (wide_)
      append_as<int32_t>(numbers);
    else
      append_as<uint8_t>(numbers);
  }

  template <class T>
  void append_as(const std::vector<float>& numbers) {
    const std::vector<T> values(numbers.begin(), numbers.end());
    values_->append(std::span<const T>(values));
  }

  const CsvOutput& output_;
  bool wide_ = false;
  h5::DatasetWriter* values_ = nullptr;
  h5::DatasetWriter* valid_ = nullptr;
};

// From 1; 0 for a value that the codes do not have.
float input_code(const CsvCodes& codes, const std::string& cell) {
  const auto found = codes.code.find(cell);
  return found == codes.code.end() ? 0.0F : static_cast<float>(found->second + 1);
}

// The features of a row, one after the other.
std::vector<float> features(const CsvRow& row, const CsvEncoding& encoding) {
  std::vector<float> x;
  for (const CsvInput& input : encoding.inputs) {
    const auto cell = row.cell(input.column);
    if (input.form == CsvInput::Form::kNumber) {
      x.push_back(cell ? row.number(input.column, *cell) : encoding.fill);
      continue;
    }
    if (input.form == CsvInput::Form::kCode) {
      x.push_back(cell ? input_code(input.codes, *cell) : 0.0F);
      continue;
    }
    const auto values = static_cast<int64_t>(input.codes.names.size());
    const int64_t code = cell ? row.code(input.column, input.codes, *cell) : values;
    for (int64_t value = 0; value < values; ++value) x.push_back(value == code ? 1.0F : 0.0F);
  }
  return x;
}

// The data sets of one share of the rows.
class ShareWriter {
 public:
  ShareWriter(h5::Writer& file, const std::string& group, int64_t rows, const CsvEncoding& encoding)
      : encoding_(encoding) {
    const std::vector<std::string> names = encoding.feature_names();
    x_ = &file.create({.name = group + "x",
                       .dtype = DType::kF32,
                       .rows = rows,
                       .row_shape = {static_cast<int64_t>(names.size())}});
    x_->attribute("role", "input");
    write_list(*x_, "columns", names);
    write_codes();
    for (const CsvOutput& output : encoding.outputs)
      targets_.emplace_back(file, group, rows, output);
  }

  void append(const CsvRow& row) {
    x_->append(std::span<const float>(features(row, encoding_)));
    for (TargetWriter& target : targets_) target.append(row);
  }

 private:
  void write_codes() {
    const std::vector<int64_t> counts = encoding_.code_counts();
    if (counts.empty()) return;
    x_->attribute("codes", counts);
    for (const CsvInput& input : encoding_.inputs)
      if (input.form == CsvInput::Form::kCode)
        write_list(*x_, "codes:" + input.names.front(), input.codes.names);
  }

  const CsvEncoding& encoding_;
  h5::DatasetWriter* x_ = nullptr;
  std::vector<TargetWriter> targets_;
};

int64_t write_rows(CsvFile& input, const CsvOptions& options, const CsvSelection& selection,
                   std::vector<ShareWriter>& shares) {
  int64_t row = 0, written = 0;
  for (std::vector<std::string> fields; input.next(fields); ++row) {
    const auto share = share_of_row(selection, options.seed, row);
    if (!share) continue;
    shares[*share].append({input, options, fields});
    ++written;
  }
  return written;
}

}  // namespace

CsvSummary convert_csv(const std::string& input, const std::string& output,
                       const CsvOptions& options, const std::shared_ptr<IoThread>& io) {
  const Stopwatch watch;
  h5::Writer file(output, options.force, io);  // before hours of reading for nothing
  const CsvSelection selection =
      select_columns(CsvFile(input, options.delimiter).columns(), options);
  const CsvFacts facts = scan_csv(input, options, selection);
  std::optional<CsvLike> like;
  if (!options.like.empty()) like = read_like(options.like, selection, io);
  const CsvEncoding encoding =
      choose_encoding(input, options, selection, facts, like ? &*like : nullptr);
  file.attribute("/", "trunkline_schema", "1");
  file.attribute("/", "description", "a table in CSV");
  std::vector<ShareWriter> shares;
  for (std::size_t s = 0; s < selection.shares.size(); ++s)
    shares.emplace_back(file, selection.shares[s].group, facts.share_rows[s], encoding);
  CsvFile rows(input, options.delimiter);
  const int64_t written = write_rows(rows, options, selection, shares);
  return {{written, file.finish(), watch.seconds()}, encoding.notes};
}

}  // namespace trunkline
