// The mean of a loss over rows that have weights, mergeable over ranks. Torch-free.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "trunkline/model/metric_state.hpp"

namespace trunkline {

struct WeightedMean {
  double sum = 0.0;     ///< of value times weight
  double weight = 0.0;  ///< of weights

  void add(double weighted_sum, double weights) {
    sum += weighted_sum;
    weight += weights;
  }
  void save(std::vector<double>& state) const {
    state.push_back(sum);
    state.push_back(weight);
  }
  void merge(std::span<const double>& state) {
    const auto other = take(state, 2);
    add(other[0], other[1]);
  }
  /// Undefined where nothing has weight.
  std::optional<double> value() const {
    return weight > 0.0 ? std::optional(sum / weight) : std::nullopt;
  }
};

}  // namespace trunkline
