// Tasks over one target field, as the tests of targets, losses and metrics need them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "small_model.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

inline FieldDescription target_field(DType dtype, std::vector<int64_t> shape = {},
                                     std::optional<int64_t> classes = {}) {
  FieldDescription field;
  field.name = "y";
  field.dtype = dtype;
  field.shape = std::move(shape);
  field.num_classes = classes;
  return field;
}

inline TaskOptions task_options(const std::string& kind, const std::string& missing = "") {
  TaskOptions options;
  options.kind = kind;
  options.missing = missing;
  return options;
}

/// A task named "t" behind a trunk of width 4.
inline std::unique_ptr<Task> task_of(const TaskOptions& options, const FieldDescription& field) {
  return make_task("t", options, field, {.width = 4});
}

inline at::Tensor integers(const std::vector<int64_t>& values) { return at::tensor(values); }

/// Values by name; undefined ones are absent.
inline std::map<std::string, double> values_of(const Metric& metric) {
  std::map<std::string, double> values;
  for (const MetricValue& v : metric.values())
    if (v.value) values[v.name] = *v.value;
  return values;
}

}  // namespace trunkline
