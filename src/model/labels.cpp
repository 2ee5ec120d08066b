#include "trunkline/model/labels.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

double parse_missing(const std::string& task, const std::string& text) {
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  check<UsageError>(error == std::errc() && parsed == end,
                    "tasks.{}.missing: \"{}\" is neither \"nan\" nor a number", task, text);
  return value;
}

}  // namespace

Target entries_target(const Labels& labels, const at::Tensor& values) {
  return {at::where(labels.present, values, at::zeros_like(values)), labels.present, labels.weight};
}

int64_t number_of_classes(const std::string& task, const TaskOptions& options,
                          const FieldDescription& field) {
  std::optional<int64_t> in_file = field.num_classes;
  if (const auto names = static_cast<int64_t>(field.class_names.size()); names > 0) {
    check<DataError>(in_file.value_or(names) == names,
                     "{}: num_classes says {} classes, class_names names {}", field.name,
                     in_file.value_or(names), names);
    in_file = names;
  }
  const std::string& kind = options.kind.empty() ? field.kind : options.kind;
  if (const int64_t columns = field.row_elements();
      columns > 1 && !kind.starts_with("token") && !is_dense(kind)) {
    check<DataError>(in_file.value_or(columns) == columns,
                     "{}: one-hot rows have {} entries, but the file says {} classes", field.name,
                     columns, in_file.value_or(columns));
    in_file = columns;
  }
  if (!in_file && field.dtype == DType::kBool) in_file = 2;
  check<UsageError>(in_file || options.classes,
                    "tasks.{}: {} does not say how many classes it has; set tasks.{}.classes", task,
                    field.name, task);
  const int64_t classes = options.classes.value_or(in_file.value_or(0));
  check<UsageError>(in_file.value_or(classes) == classes,
                    "tasks.{}.classes: {}, but {} has {} classes in the file; leave the key out",
                    task, classes, field.name, in_file.value_or(classes));
  check<UsageError>(classes >= 1, "tasks.{}.classes: {} is below 1", task, classes);
  return classes;
}

LabelReader::LabelReader(const std::string& task, const TaskOptions& options,
                         const FieldDescription& field)
    : field_(target_of(options)),
      shape_(field.shape),
      columns_(field.row_elements()),
      missing_(options.missing.empty() ? field.ignore_value
                                       : std::optional(parse_missing(task, options.missing))) {}

Labels LabelReader::read(const Batch& batch) const {
  at::Tensor values;
  if (const auto found = batch.fields.find(field_); found != batch.fields.end()) {
    const at::Tensor& stored = found->second;
    values = stored.to(c10::kDouble).reshape({stored.size(0), columns_});
  } else {  // a rank without slots in this step
    ensure(batch.rows() == 0, "a batch with rows lacks a target");
    values = at::empty({0, columns_}, c10::kDouble);
  }
  const at::Tensor weight = companion(batch, "_weight");
  return {
      values, present(batch, values),
      weight.defined() ? weight.to(c10::kDouble) : at::ones({values.size(0)}, values.options())};
}

at::Tensor LabelReader::companion(const Batch& batch, const char* suffix) const {
  const auto found = batch.fields.find(field_ + suffix);
  return found == batch.fields.end() ? at::Tensor() : found->second;
}

at::Tensor LabelReader::present(const Batch& batch, const at::Tensor& values) const {
  at::Tensor present = at::ones_like(values, values.options().dtype(c10::kBool));
  if (const at::Tensor valid = companion(batch, "_valid"); valid.defined()) {
    const int64_t rows = values.size(0);
    const int64_t columns = valid.numel() == values.numel() ? columns_ : 1;
    present = valid.to(c10::kBool).reshape({rows, columns}).expand({rows, columns_});
  }
  if (!missing_) return present;
  const at::Tensor marked = std::isnan(*missing_) ? values.isnan() : values.eq(*missing_);
  return present.logical_and(marked.logical_not());
}

// Where an entry stands in its row, as ", column 3" or ", entry (0, 3)".
std::string LabelReader::place(int64_t column) const {
  if (columns_ == 1) return "";
  if (shape_.size() == 1) return fmt::format(", column {}", column);
  std::vector<int64_t> position(shape_.size());
  for (std::size_t axis = shape_.size(); axis-- > 0; column /= shape_[axis])
    position[axis] = column % shape_[axis];
  return fmt::format(", entry ({})", fmt::join(position, ", "));
}

void LabelReader::check(const Batch& batch, const Labels& labels, const at::Tensor& good,
                        const std::string& expected) const {
  const at::Tensor bad = labels.present.logical_and(good.logical_not());
  if (!bad.any().item<bool>()) return;
  const at::Tensor first = bad.nonzero()[0];
  const auto row = first[0].item<int64_t>();
  const auto column = first[1].item<int64_t>();
  throw DataError(fmt::format(
      "source {}: {}: label {} at row {}{}, {}; mend the file or mark the label as missing",
      batch.source, field_, labels.values[row][column].item<double>(),
      batch.samples[row].item<int64_t>(), place(column), expected));
}

Target LabelReader::classes(const Batch& batch, const Labels& labels, int64_t classes) const {
  const at::Tensor& v = labels.values;
  const at::Tensor good = v.ge(0).logical_and(v.lt(classes)).logical_and(v.eq(v.floor()));
  check(batch, labels, good, fmt::format("classes 0..{}", classes - 1));
  const Target entries = entries_target(labels, v);
  return {entries.values.to(c10::kLong), entries.valid, entries.weight};
}

}  // namespace trunkline
