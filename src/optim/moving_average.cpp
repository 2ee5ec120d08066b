#include "trunkline/optim/moving_average.hpp"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "trunkline/core/error.hpp"

namespace trunkline {

MovingAverage::MovingAverage(double decay, const std::vector<Slice>& slices) : decay_(decay) {
  ensure(decay > 0.0 && decay < 1.0, "the decay of a moving average lies between 0 and 1");
  const at::NoGradGuard no_grad;
  for (const Slice& slice : slices) {
    parameters_.push_back(slice.parameters);
    averages_.push_back(slice.parameters.clone());
  }
}

void MovingAverage::update(const Optimizer& optimizer, const std::vector<bool>& active) {
  ensure(active.size() == averages_.size(), "one active flag per slice");
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    if (!active[i]) continue;
    const auto t = static_cast<double>(optimizer.steps(i));
    const double decay = std::min(decay_, (1.0 + t) / (10.0 + t));
    averages_[i].lerp_(parameters_[i], 1.0 - decay);
  }
}

void MovingAverage::reset() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < averages_.size(); ++i) averages_[i].copy_(parameters_[i]);
}

void MovingAverage::swap() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    const at::Tensor parameters = parameters_[i].clone();
    parameters_[i].copy_(averages_[i]);
    averages_[i].copy_(parameters);
  }
}

}  // namespace trunkline
