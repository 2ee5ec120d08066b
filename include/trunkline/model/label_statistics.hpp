// What balanced class weights and standardised targets need to know of the training labels.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/model/column_statistics.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Statistics of a task's valid labels in their units. A class counts as a column of ones and
/// zeros, whose mean is its share. Row weights do not count.
class LabelStatistics {
 public:
  LabelStatistics(const std::string& task, const TaskOptions& options,
                  const FieldDescription& field);

  /// @param counted bool (n): rows whose labels count; undefined: all
  /// @throws DataError for a label that cannot be
  void add(const Batch& batch, const at::Tensor& counted = {});
  ColumnStatistics statistics() const;

  /// Classes, or entries of a row.
  int64_t columns() const { return moments_.columns(); }

 private:
  std::unique_ptr<Task> task_;  // reads the labels; its loss is not used
  ColumnMoments moments_;
  std::vector<double> class_counts_;  // empty unless the kind is classification
};

}  // namespace trunkline
