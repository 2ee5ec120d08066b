// The loss of one class per row: cross-entropy or focal, with factors of classes and smoothed
// labels.
#pragma once

#include <ATen/core/TensorBody.h>

#include <string>
#include <vector>

#include "trunkline/model/task.hpp"

namespace trunkline {

/// As torch's CrossEntropyLoss: a row counts with the factor of its label's class in the loss and
/// in N_t, so the loss is a weighted mean; smoothing spreads a share of the label evenly over all
/// classes, each with its own factor. Immutable; safe from several threads.
class ClassificationLoss {
 public:
  /// @param class_factors one per class, or none
  ClassificationLoss(const LossOptions& options, const std::vector<double>& class_factors);

  /// @param output logits (n, classes)
  at::Tensor sum(const at::Tensor& output, const Target& target) const;
  Task::Count count(const Target& target) const;

 private:
  at::Tensor elements(const at::Tensor& output, const at::Tensor& labels) const;

  bool focal_;
  double gamma_, smoothing_;
  at::Tensor factors_;  // float64 (classes); undefined: 1 each
};

}  // namespace trunkline
