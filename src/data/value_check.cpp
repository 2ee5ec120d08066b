#include "value_check.hpp"

#include <algorithm>
#include <cmath>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr int64_t kBlockElements = int64_t{1} << 18;

// A column in blocks of rows, as doubles (labels above 2^53 are out of any range).
class ColumnScan {
 public:
  ColumnScan(const H5Table& table, const std::string& name)
      : table_(table), column_(table.column(name)) {}

  std::vector<double> read(int64_t first, int64_t count) const {
    const Column& column = table_.columns()[column_];
    std::vector<std::byte> bytes(static_cast<std::size_t>(count * column.row_bytes()));
    table_.read(column_, first, count, bytes.data());
    return h5::as_doubles(column.dtype, bytes.data(), bytes.size() / size_of(column.dtype));
  }

  int64_t row_elements() const {
    const Column& column = table_.columns()[column_];
    return column.row_bytes() / static_cast<int64_t>(size_of(column.dtype));
  }

  // "FILE:/y" and the row's number in that file.
  H5Table::Place place(int64_t row) const { return table_.place(column_, row); }

 private:
  const H5Table& table_;
  std::size_t column_;
};

template <class Visit>
void for_blocks(int64_t rows, int64_t row_elements, const Visit& visit) {
  const int64_t block = std::max<int64_t>(1, kBlockElements / row_elements);
  for (int64_t first = 0; first < rows; first += block) visit(first, std::min(block, rows - first));
}

void check_mask(const H5Table& table, const std::string& name) {
  const ColumnScan scan(table, name);
  bool any = false;
  for_blocks(table.rows(), scan.row_elements(), [&](int64_t first, int64_t count) {
    const std::vector<double> values = scan.read(first, count);
    for (std::size_t i = 0; i < values.size(); ++i) {
      any = any || values[i] == 1;
      if (values[i] == 0 || values[i] == 1) continue;
      const auto at = scan.place(first + static_cast<int64_t>(i) / scan.row_elements());
      throw DataError(
          fmt::format("{}: {} at row {}; expected 0 or 1", at.label, values[i], at.row));
    }
  });
  check<DataError>(any, "{}: all 0: no row has a label", scan.place(0).label);
}

void check_weights(const H5Table& table, const std::string& name) {
  const ColumnScan scan(table, name);
  for_blocks(table.rows(), 1, [&](int64_t first, int64_t count) {
    const std::vector<double> values = scan.read(first, count);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i]) && values[i] >= 0) continue;
      const auto at = scan.place(first + static_cast<int64_t>(i));
      throw DataError(fmt::format("{}: weight {} at row {}; expected a finite number, at least 0",
                                  at.label, values[i], at.row));
    }
  });
}

// The elements of a field in blocks, without those that are masked or ignored.
class PresentElements {
 public:
  PresentElements(const H5Table& table, const FieldDescription& field)
      : field_(field), rows_(table.rows()), values_(table, field.name) {
    if (field.has_valid) mask_.emplace(table, field.name + "_valid");
  }

  int64_t row_elements() const { return values_.row_elements(); }

  /// visit(row, values of the row, which of them are present)
  template <class Visit>
  void for_rows(const Visit& visit) const {
    const auto width = static_cast<std::size_t>(row_elements());
    for_blocks(rows_, row_elements(), [&](int64_t first, int64_t count) {
      const std::vector<double> values = values_.read(first, count);
      const std::vector<bool> present = presence(values, first, count);
      for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row)
        visit(first + static_cast<int64_t>(row), values.data() + row * width,
              present.begin() + static_cast<std::ptrdiff_t>(row * width));
    });
  }

  [[noreturn]] void refuse(int64_t row, const std::string& found,
                           const std::string& expected) const {
    const auto at = values_.place(row);
    throw DataError(fmt::format("{}: {} at row {}, {}", at.label, found, at.row, expected));
  }

 private:
  bool ignored(double value) const {
    if (!field_.ignore_value) return false;
    return value == *field_.ignore_value || (std::isnan(value) && std::isnan(*field_.ignore_value));
  }

  std::vector<bool> presence(const std::vector<double>& values, int64_t first,
                             int64_t count) const {
    const std::vector<double> mask = mask_ ? mask_->read(first, count) : std::vector<double>{};
    const std::size_t share = mask.empty() ? 1 : values.size() / mask.size();
    std::vector<bool> present(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      present[i] = (mask.empty() || mask[i / share] != 0) && !ignored(values[i]);
    return present;
  }

  const FieldDescription& field_;
  int64_t rows_;
  ColumnScan values_;
  std::optional<ColumnScan> mask_;
};

int64_t check_class_numbers(const PresentElements& elements, std::optional<int64_t> classes) {
  const std::string expected =
      classes ? fmt::format("classes 0..{}; mend the label, or raise the number of classes",
                            *classes - 1)
              : "expected integers from 0 (kind: regression for others)";
  const double limit = classes ? static_cast<double>(*classes) : 0x1.0p53;
  double largest = -1;
  elements.for_rows([&](int64_t row, const double* values, auto present) {
    for (int64_t i = 0; i < elements.row_elements(); ++i) {
      if (!present[i]) continue;
      if (!(values[i] >= 0 && values[i] < limit && values[i] == std::floor(values[i])))
        elements.refuse(row, fmt::format("label {}", values[i]), expected);
      largest = std::max(largest, values[i]);
    }
  });
  return static_cast<int64_t>(largest);
}

void check_one_hot(const PresentElements& elements) {
  elements.for_rows([&](int64_t row, const double* values, auto present) {
    const int64_t width = elements.row_elements();
    if (!present[0]) return;
    const auto ones = std::count(values, values + width, 1.0);
    const auto zeros = std::count(values, values + width, 0.0);
    if (ones != 1 || zeros != width - 1)
      elements.refuse(row, fmt::format("{} ones and {} zeros in {} columns", ones, zeros, width),
                      "expected exactly one 1 per row (one-hot classes)");
  });
}

void check_binary(const PresentElements& elements) {
  elements.for_rows([&](int64_t row, const double* values, auto present) {
    for (int64_t i = 0; i < elements.row_elements(); ++i)
      if (present[i] && values[i] != 0 && values[i] != 1)
        elements.refuse(row, fmt::format("label {}", values[i]), "expected 0 or 1 (multilabel)");
  });
}

int64_t largest_value(const PresentElements& elements) {
  double smallest = 0, largest = -1;
  elements.for_rows([&](int64_t, const double* values, auto present) {
    for (int64_t i = 0; i < elements.row_elements(); ++i) {
      if (!present[i]) continue;
      smallest = std::min(smallest, values[i]);
      largest = std::max(largest, values[i]);
    }
  });
  return smallest < 0 ? -1 : static_cast<int64_t>(largest);
}

}  // namespace

void check_companions(const H5Table& table, const FieldDescription& field) {
  if (field.has_valid) {
    const H5Table::Place at = table.place(table.column(field.name + "_valid"), 0);
    check<DataError>(field.valid_shape.empty() || field.valid_shape == field.shape,
                     "{}: expected one number per row, or the shape of {}", at.label, field.name);
    check_mask(table, field.name + "_valid");
  }
  if (field.has_weight) check_weights(table, field.name + "_weight");
}

int64_t check_labels(const H5Table& table, const FieldDescription& field,
                     std::optional<int64_t> classes) {
  const PresentElements elements(table, field);
  if (field.kind == "classification" && field.row_elements() > 1) {
    check<DataError>(classes.value_or(field.row_elements()) == field.row_elements(),
                     "{}: {} columns (one-hot), but {} classes",
                     table.place(table.column(field.name), 0).label, field.row_elements(),
                     classes.value_or(0));
    check_one_hot(elements);
    return field.row_elements() - 1;
  }
  if (field.kind.ends_with("classification")) return check_class_numbers(elements, classes);
  if (field.kind == "multilabel" && is_integral(field.dtype)) check_binary(elements);
  return field.kind.empty() && is_integral(field.dtype) ? largest_value(elements) : -1;
}

}  // namespace trunkline
