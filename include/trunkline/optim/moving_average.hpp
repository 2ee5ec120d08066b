// The exponential moving average of a model's parameters, which often predicts better than they do.
#pragma once

#include <ATen/core/TensorBody.h>

#include <vector>

#include "trunkline/optim/optimizer.hpp"

namespace trunkline {

/// Polyak averaging with exponential weights: after step t of a slice
///
///   a = d a + (1 - d) p,   d = min(decay, (1 + t) / (10 + t))
///
/// The smaller decay of the first steps keeps the initial values out of the average. Steps count by
/// slice, so a head whose task has no labels stands still with its average. Training never reads
/// the averages. Memory: one more copy of the parameters, two while swap() runs. One thread.
class MovingAverage {
 public:
  /// The averages begin as the parameters are now. @param decay in (0, 1)
  MovingAverage(double decay, const std::vector<Slice>& slices);

  /// Takes in the parameters of the slices that the optimizer has just moved.
  /// @param active one flag per slice, as given to Optimizer::step
  void update(const Optimizer& optimizer, const std::vector<bool>& active);

  /// Begins again from the parameters as they are now.
  void reset();

  /// Exchanges averages and parameters, bit for bit. While they are exchanged, whatever reads or
  /// writes parameters (evaluation, a checkpoint) works on the averages.
  void swap();

 private:
  double decay_;
  std::vector<at::Tensor> parameters_, averages_;  ///< one per slice
};

/// While it lives the parameters are their averages; with a null pointer nothing happens.
class AveragedParameters {
 public:
  explicit AveragedParameters(MovingAverage* average) : average_(average) {
    if (average_ != nullptr) average_->swap();
  }
  ~AveragedParameters() {
    if (average_ != nullptr) average_->swap();
  }
  AveragedParameters(const AveragedParameters&) = delete;
  AveragedParameters& operator=(const AveragedParameters&) = delete;

 private:
  MovingAverage* average_;
};

}  // namespace trunkline
