#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/h5/attributes.hpp"
#include "trunkline/h5/listing.hpp"
#include "trunkline/h5/location.hpp"
#include "trunkline/h5/schema.hpp"

namespace trunkline::h5 {
namespace {

const std::vector<std::string> kKinds = {"classification",       "multilabel",
                                         "regression",           "token_classification",
                                         "dense_classification", "dense_regression"};

// Where classes are stated: each source of the number, for agreement and for messages.
struct Classes {
  std::vector<std::string> names;
  std::vector<std::pair<std::string, int64_t>> counts;
};

std::vector<std::string> enumerator_names(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const auto& [value, name] : dataset.type().enumerators) {
    check<DataError>(value == static_cast<int64_t>(names.size()),
                     "{}: the values of its enum must be 0, 1, 2, …; {} is {}", dataset.label(),
                     name, value);
    names.push_back(name);
  }
  return names;
}

std::optional<int64_t> whole_attribute(const Dataset& dataset, const char* name) {
  const auto count = number_attribute(dataset.id(), name, dataset.label());
  if (!count) return std::nullopt;
  check<DataError>(*count >= 1 && *count <= 1e9 && *count == std::floor(*count),
                   "{}: {} is {}; expected a positive integer", dataset.label(), name, *count);
  return static_cast<int64_t>(*count);
}

Classes stated_classes(const Dataset& dataset) {
  Classes classes;
  const std::string& label = dataset.label();
  if (const auto names = texts_attribute(dataset.id(), "class_names", label)) {
    classes.names = *names;
    classes.counts.emplace_back("class_names", names->size());
  }
  if (const auto count = whole_attribute(dataset, "num_classes"))
    classes.counts.emplace_back("num_classes", *count);
  if (const auto names = enumerator_names(dataset); !names.empty()) {
    if (classes.names.empty()) classes.names = names;
    classes.counts.emplace_back("enum", names.size());
  }
  if (dataset.type().boolean) classes.counts.emplace_back("bool", 2);
  return classes;
}

void describe_classes(const Dataset& dataset, FieldDescription& field) {
  const Classes classes = stated_classes(dataset);
  for (const auto& [where, count] : classes.counts)
    check<DataError>(count == classes.counts[0].second, "{}: {} says {} classes, {} says {}",
                     dataset.label(), classes.counts[0].first, classes.counts[0].second, where,
                     count);
  if (!classes.counts.empty()) field.num_classes = classes.counts[0].second;
  field.class_names = classes.names;
}

std::string kind_of(const Dataset& dataset, const FieldDescription& field) {
  const auto kind = text_attribute(dataset.id(), "kind", dataset.label());
  if (kind) {
    check<DataError>(std::ranges::find(kKinds, *kind) != kKinds.end(),
                     "{}: attribute kind is \"{}\"; expected one of {}", dataset.label(), *kind,
                     fmt::join(kKinds, ", "));
    return *kind;
  }
  // Several integers per row without a word of what they are: labels of tokens, or yes/no columns.
  if (is_integral(field.dtype) && field.row_elements() > 1 && !field.num_classes) return "";
  return is_integral(field.dtype) || field.num_classes ? "classification" : "regression";
}

// A hash of the texts that codes stand for; 0 where one column does not tell.
uint64_t code_names(const Dataset& dataset, const FieldDescription& field) {
  uint64_t hash = 1;
  for (std::size_t c = 0; c < field.columns.size(); ++c) {
    if (field.codes[c] == 0) continue;
    const auto names = texts_attribute(dataset.id(), "codes:" + field.columns[c], dataset.label());
    if (!names) return 0;
    for (const std::string& name : *names) hash = key({hash, name_key(name)});
  }
  return field.columns.empty() ? 0 : hash;
}

// Which columns of a table are codes.
void describe_columns(const Dataset& dataset, FieldDescription& field) {
  const std::string& label = dataset.label();
  const auto columns = static_cast<std::size_t>(field.row_elements());
  field.columns = texts_attribute(dataset.id(), "columns", label).value_or(field.columns);
  if (field.columns.size() != columns) field.columns.clear();
  const auto codes = numbers_attribute(dataset.id(), "codes", label);
  if (!codes) return;
  check<DataError>(codes->size() == columns,
                   "{}: codes has {} numbers; expected {}, one per column", label, codes->size(),
                   columns);
  for (const double count : *codes) {
    check<DataError>(count >= 0 && count <= 1e9 && count == std::floor(count),
                     "{}: codes has {}; expected a number of codes, or 0 for a number", label,
                     count);
    field.codes.push_back(static_cast<int64_t>(count));
  }
  field.code_names = code_names(dataset, field);
}

void describe_companions(const File& file, const std::string& group, const FieldName& name,
                         FieldDescription& field) {
  check<DataError>(!has_companion(file, group, name.dataset + "_offsets"),
                   "{}:{}: ragged fields ({}_offsets) are not read; pad the rows to one length",
                   file.path(), join(group, name.dataset), name.dataset);
  field.has_weight = has_companion(file, group, name.dataset + "_weight");
  field.has_valid = has_companion(file, group, name.dataset + "_valid");
  if (field.has_valid)
    field.valid_shape = Dataset(file, join(group, name.dataset + "_valid"), true).row_shape();
}

}  // namespace

FieldDescription describe_field(const File& file, const std::string& group, const FieldName& name,
                                bool target) {
  const Dataset dataset(file, join(group, name.dataset), true);
  const std::string& label = dataset.label();
  FieldDescription field;
  field.name = name.name;
  field.dtype = dataset.type().delivered;
  field.shape = dataset.row_shape();
  if (target) {
    describe_classes(dataset, field);
    field.kind = kind_of(dataset, field);
  }
  if (!target) field.num_classes = whole_attribute(dataset, "vocabulary");
  field.ignore_value = number_attribute(dataset.id(), "ignore_value", label);
  field.scale = numbers_attribute(dataset.id(), "scale", label).value_or(std::vector<double>{});
  field.bias = numbers_attribute(dataset.id(), "bias", label).value_or(std::vector<double>{});
  field.layout = text_attribute(dataset.id(), "layout", label).value_or("");
  field.units = text_attribute(dataset.id(), "units", label).value_or("");
  if (!target) describe_columns(dataset, field);
  describe_companions(file, group, name, field);
  return field;
}

}  // namespace trunkline::h5
