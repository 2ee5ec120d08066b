#include "trunkline/optim/moving_average.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <utility>

#include "trunkline/core/error.hpp"

namespace trunkline {

MovingAverage::MovingAverage(double decay, std::vector<Slice> slices)
    : decay_(decay), slices_(std::move(slices)) {
  ensure(decay > 0.0 && decay < 1.0, "the decay of a moving average lies between 0 and 1");
  const at::NoGradGuard no_grad;
  for (const Slice& slice : slices_) averages_.push_back(at::empty_like(slice.parameters));
  reset();
}

void MovingAverage::update(const Optimizer& optimizer, const std::vector<bool>& active) {
  ensure(active.size() == slices_.size(), "one active flag per slice");
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    if (!active[i]) continue;
    const auto t = static_cast<double>(optimizer.steps(i));
    const double decay = std::min(decay_, (1.0 + t) / (10.0 + t));
    averages_[i].lerp_(slices_[i].parameters, 1.0 - decay);
  }
}

void MovingAverage::reset() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < slices_.size(); ++i) averages_[i].copy_(slices_[i].parameters);
}

void MovingAverage::swap() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    const at::Tensor parameters = slices_[i].parameters.clone();
    slices_[i].parameters.copy_(averages_[i]);
    averages_[i].copy_(parameters);
  }
}

}  // namespace trunkline
