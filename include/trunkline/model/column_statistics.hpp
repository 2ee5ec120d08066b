// Mean and deviation per column of labels or inputs: what standardisation subtracts and divides by.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <vector>

namespace trunkline {

/// Of each column, or channel, over the training rows. Empty where nothing was counted.
struct ColumnStatistics {
  std::vector<double> mean;
  std::vector<double> deviation;  ///< root of the mean squared deviation; 0: a constant column

  bool empty() const { return mean.empty(); }
  int64_t columns() const { return static_cast<int64_t>(mean.size()); }
};

/// (v - mean) / deviation along an axis, in the type of v; a constant column is divided by 1.
/// Statistics of one column apply to the whole of v.
at::Tensor standardize(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis);

/// The inverse of standardize().
at::Tensor restore_units(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis);

/// v * deviation along an axis: the units of a difference.
at::Tensor restore_scale(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis);

/// Accumulates columns block by block in float64. Each block takes two passes and is merged by the
/// formula of Chan, Golub & LeVeque (1979): no difference of large sums. Sums run in the order of
/// rows on one thread, so the same blocks give the same bits anywhere.
class ColumnMoments {
 public:
  explicit ColumnMoments(int64_t columns) : columns_(static_cast<std::size_t>(columns)) {}

  int64_t columns() const { return static_cast<int64_t>(columns_.size()); }

  /// @param values (n, columns, …) of any type   @param present bool (n, columns); undefined: all
  void add(const at::Tensor& values, const at::Tensor& present = {});

  /// Mean and deviation of a column of which nothing was added are 0.
  ColumnStatistics statistics() const;

 private:
  struct Column {
    double count = 0.0, mean = 0.0, deviations = 0.0;  // deviations: sum (v - mean)^2
    double smallest = 0.0, largest = 0.0;              // constant columns are told exactly

    void merge(const Column& other);
  };
  std::vector<Column> columns_;
};

}  // namespace trunkline
