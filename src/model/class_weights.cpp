#include "class_weights.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::vector<double> given(const std::string& task, const LossOptions& options,
                          const FieldDescription& field, int64_t expected, const char* what) {
  std::vector<double> factors = class_weight_numbers(task, options);
  const auto count = static_cast<int64_t>(factors.size());
  check<UsageError>(count == expected, "tasks.{}.class_weights: {} value{}, but {} has {} {}", task,
                    count, count == 1 ? "" : "s", field.name, expected, what);
  return factors;
}

}  // namespace

std::vector<double> class_factors(const std::string& task, const LossOptions& options,
                                  const FieldDescription& field, int64_t classes,
                                  const ColumnStatistics& shares) {
  if (options.class_weights.empty()) return {};
  if (!balances_classes(options)) return given(task, options, field, classes, "classes");
  ensure(shares.columns() == classes, "balanced class weights without statistics of the labels");
  std::vector<double> factors;
  for (const double share : shares.mean) {
    check<UsageError>(share > 0.0,
                      "tasks.{}.class_weights: balanced, but class {} of {} has no training label; "
                      "give a list of {} numbers",
                      task, factors.size(), field.name, classes);
    factors.push_back(1.0 / (static_cast<double>(classes) * share));
  }
  return factors;
}

std::vector<double> positive_factors(const std::string& task, const LossOptions& options,
                                     const FieldDescription& field,
                                     const ColumnStatistics& shares) {
  const int64_t columns = field.row_elements();
  if (options.class_weights.empty()) return {};
  if (!balances_classes(options)) return given(task, options, field, columns, "columns");
  ensure(shares.columns() == columns, "balanced class weights without statistics of the labels");
  std::vector<double> factors;
  for (const double share : shares.mean) {
    check<UsageError>(
        share > 0.0 &&
                share<1.0,
                      "tasks.{}.class_weights: balanced, but column {} of {} has no {} training "
                      "label; give a list of {} numbers",
                      task, factors.size(), field.name, share> 0.0
            ? "negative"
            : "positive",
        columns);
    factors.push_back((1.0 - share) / share);
  }
  return factors;
}

}  // namespace trunkline
