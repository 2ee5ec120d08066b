// How much of a task's features each expert gives, over all rows of an evaluation.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trunkline/core/metric_value.hpp"

namespace trunkline {

/// Means of the gates of one task, mergeable over ranks. Empty for a task without gates.
class GateMeans {
 public:
  /// @param gates one per layer, each (n, experts) with own experts first
  void add(const std::vector<at::Tensor>& gates);

  std::vector<double> state() const;  ///< empty where nothing was added
  void merge(const std::vector<double>& state);

  /// "gate.layer0.own0", "gate.layer0.shared0", …: numbers that sum to 1 per layer.
  /// @param shared experts per layer of the trunk
  std::vector<MetricValue> values(int64_t shared) const;

 private:
  double rows_ = 0.0;
  std::size_t layers_ = 0;
  std::vector<double> sums_;  // layer by layer
};

/// Shared experts that have more than 0.95 of the mixture of every task that has gates: the others
/// of their layer are hardly used. @param tasks values() of each   @return names
std::vector<std::string> collapsed_experts(const std::vector<std::vector<MetricValue>>& tasks);

}  // namespace trunkline
