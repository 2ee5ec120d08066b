// Metrics that are exact over all rows and ranks: accumulate locally, merge states, then compute.
#pragma once

#include <ATen/core/TensorBody.h>

#include <memory>
#include <span>
#include <vector>

#include "trunkline/core/metric_value.hpp"

namespace trunkline {

struct Target;

/// Accumulates one task's metrics, its mean loss included.
class Metric {
 public:
  virtual ~Metric() = default;

  /// @param output what the head gave, (n, outputs)
  virtual void add(const at::Tensor& output, const Target& target) = 0;

  /// All that was accumulated, as numbers that another rank can merge. Length may vary (ROC-AUC
  /// keeps scores).
  virtual std::vector<double> state() const = 0;

  /// Adds another accumulator's state. Merging in rank order gives the same values everywhere.
  virtual void merge(std::span<const double> state) = 0;

  /// Values with the names of DESIGN section 5, "loss" first; undefined ones are null.
  virtual std::vector<MetricValue> values() const = 0;
};

}  // namespace trunkline
