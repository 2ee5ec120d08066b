// The labels of a task as the file has them: which are present, and what to say of bad ones.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/batch.hpp"
#include "trunkline/core/description.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Numbers of any stored type as float64, one column per value of a row.
struct Labels {
  at::Tensor values;   ///< float64 (n, columns), as stored; anything where absent
  at::Tensor present;  ///< bool (n, columns)
  at::Tensor weight;   ///< float64 (n): NAME_weight, or ones
};

/// The target of kinds with a label per entry: missing entries become 0.
/// @param values (n, columns) of the type that losses want
Target entries_target(const Labels& labels, const at::Tensor& values);

/// Config, attributes and one-hot rows may all say how many classes there are; they must agree.
/// @throws UsageError or DataError where they do not, or none says it
int64_t number_of_classes(const std::string& task, const TaskOptions& options,
                          const FieldDescription& field);

/// Reads one target out of batches. An entry is present unless NAME_valid says 0 or its value is
/// the one that means "no label": `tasks.T.missing`, or where that is empty the file's
/// ignore_value. Immutable; safe from several threads.
class LabelReader {
 public:
  /// @throws UsageError where `missing` is neither "nan" nor a number
  LabelReader(const std::string& task, const TaskOptions& options, const FieldDescription& field);

  /// @throws BugError where a batch with rows lacks the target
  Labels read(const Batch& batch) const;

  int64_t columns() const { return columns_; }

  /// Refuses the first present entry that is not `good`.
  /// @param good bool (n, columns)   @param expected ends the message, e.g. "classes 0..3"
  /// @throws DataError naming source, field, row, column or position, and value
  void check(const Batch& batch, const Labels& labels, const at::Tensor& good,
             const std::string& expected) const;

  /// The target of kinds with a class per entry. @return i64 (n, columns)
  /// @throws DataError as check(), for an entry that is none of 0..classes-1
  Target classes(const Batch& batch, const Labels& labels, int64_t classes) const;

 private:
  at::Tensor companion(const Batch& batch, const char* suffix) const;
  at::Tensor present(const Batch& batch, const at::Tensor& values) const;

  std::string place(int64_t column) const;

  std::string field_;
  std::vector<int64_t> shape_;  // of a row
  int64_t columns_;
  std::optional<double> missing_;
};

}  // namespace trunkline
