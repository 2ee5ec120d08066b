// What the outputs of a regression head mean: values, quantiles, or a normal distribution.
#pragma once

#include <ATen/core/TensorBody.h>

#include <functional>

#include "trunkline/model/task.hpp"

namespace trunkline {

/// Outputs of a head are (n, outputs_per_column * k); labels and predictions are in the scale of
/// the loss.
struct RegressionLoss {
  int64_t outputs_per_column = 1;
  /// (output, labels (n, k)) -> loss of each entry (n, k)
  std::function<at::Tensor(const at::Tensor&, const at::Tensor&)> elements;
  /// output -> prediction (n, k): value, mean, or the quantile nearest to the median; and what else
  /// is known of the distribution
  std::function<Prediction(const at::Tensor&)> predict;
};

/// mse where the options name no loss. @pre check_loss_options() has accepted them
RegressionLoss make_regression_loss(const LossOptions& options);

}  // namespace trunkline
