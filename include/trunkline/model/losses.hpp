// Losses of single elements, and their sum over valid elements times row weight: what adds up over
// ranks and parts.
//
// Elements that are not valid contribute exactly 0 to the sum, to its gradient too. n may be 0.
// Everything is differentiable twice and of the type of the output.
#pragma once

#include <ATen/core/TensorBody.h>

#include <vector>

#include "trunkline/model/task.hpp"

namespace trunkline {

/// Row weight where valid, else 0; float64 of the shape of target.valid.
at::Tensor element_weight(const Target& target);

/// Number and weight of the valid elements.
Task::Count count_elements(const Target& target);

/// Every element of the rows as a row of its own, with the weight of its row.
/// @param target of shape (n, k)   @return of shape (n * k)
Target by_element(const Target& target);

/// Scalar: the sum of a loss of the shape of target.valid times element_weight().
at::Tensor weighted_sum(const at::Tensor& loss, const Target& target);

/// Binary cross-entropy of each entry. @param output logits (n, k)
/// @param positive_factors float64 (k): factor of the loss of positives; undefined for 1
at::Tensor binary_cross_entropy_sum(const at::Tensor& output, const Target& target,
                                    const at::Tensor& positive_factors = {});

/// (1 - p)^gamma * -log p of the label's class, p = softmax(output): (n). Lin et al. 2017, "Focal
/// Loss for Dense Object Detection", equation 4.
/// @param output logits (n, classes)   @param labels i64 (n)
at::Tensor focal_loss(const at::Tensor& output, const at::Tensor& labels, double gamma);

/// The losses of regression, of each entry (n, k); labels (n, k).
at::Tensor squared_error(const at::Tensor& output, const at::Tensor& labels);
at::Tensor absolute_error(const at::Tensor& output, const at::Tensor& labels);

/// e^2 / 2 up to |e| = delta, then delta * (|e| - delta / 2). Huber 1964.
at::Tensor huber_error(const at::Tensor& output, const at::Tensor& labels, double delta);

/// max(q e, (q - 1) e) with e = label - prediction, as the mean over the levels q. Koenker &
/// Bassett 1978. @param output (n, k, levels)
at::Tensor quantile_error(const at::Tensor& output, const at::Tensor& labels,
                          const std::vector<double>& levels);

/// (log v + (label - mean)^2 / v) / 2 with the variance v = exp(log_variance), at least 1e-6. Like
/// torch's GaussianNLLLoss without its constant: the floor takes no part in the gradient.
/// @param mean, log_variance (n, k)
at::Tensor gaussian_error(const at::Tensor& mean, const at::Tensor& log_variance,
                          const at::Tensor& labels);

/// log_variance, where it is below the floor the logarithm of that.
at::Tensor floor_log_variance(const at::Tensor& log_variance);

}  // namespace trunkline
