// Sums behind MAE, RMSE and R^2 of one column, stable for labels far from zero. Torch-free.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace trunkline {

/// Mean and squared deviations of the labels are updated one by one (Welford 1962) and merged by
/// the formula of Chan, Golub & LeVeque (1979): no difference of large sums.
class RegressionErrors {
 public:
  void add(double label, double prediction);

  double count() const { return count_; }
  double squared() const { return squared_; }    ///< sum of (label - prediction)^2
  double absolute() const { return absolute_; }  ///< sum of |label - prediction|

  /// 1 - sum (label - prediction)^2 / sum (label - mean)^2; absent for constant labels.
  std::optional<double> r2() const;

  void save(std::vector<double>& state) const;
  void merge(std::span<const double>& state);

 private:
  double count_ = 0.0, mean_ = 0.0, deviations_ = 0.0;  // deviations: sum (label - mean)^2
  double squared_ = 0.0, absolute_ = 0.0;
};

}  // namespace trunkline
