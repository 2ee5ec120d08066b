#include "trunkline/model/regression_errors.hpp"

#include <cmath>

#include "trunkline/model/metric_state.hpp"

namespace trunkline {

void RegressionErrors::add(double label, double prediction) {
  const double error = label - prediction;
  squared_ += error * error;
  absolute_ += std::abs(error);
  count_ += 1.0;
  const double delta = label - mean_;
  mean_ += delta / count_;
  deviations_ += delta * (label - mean_);
}

std::optional<double> RegressionErrors::r2() const {
  return deviations_ > 0.0 ? std::optional(1.0 - squared_ / deviations_) : std::nullopt;
}

void RegressionErrors::save(std::vector<double>& state) const {
  for (const double v : {count_, mean_, deviations_, squared_, absolute_}) state.push_back(v);
}

void RegressionErrors::merge(std::span<const double>& state) {
  const auto other = take(state, 5);
  if (other[0] == 0.0) return;
  const double total = count_ + other[0];
  // Into an empty accumulator the mean goes unrounded: constant labels must stay constant.
  if (count_ == 0.0) mean_ = other[1];
  const double delta = other[1] - mean_;
  mean_ += delta * other[0] / total;
  deviations_ += other[2] + delta * delta * count_ * other[0] / total;
  count_ = total;
  squared_ += other[3];
  absolute_ += other[4];
}

}  // namespace trunkline
