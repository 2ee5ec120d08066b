// Losses as sums over valid elements times row weight: what adds up over ranks and parts.
//
// Each takes what a head gave, (n, outputs), and returns a scalar of its type; n may be 0.
// Elements that are not valid contribute exactly 0, to the gradient too. Differentiable twice.
#pragma once

#include <ATen/core/TensorBody.h>

#include "trunkline/model/task.hpp"

namespace trunkline {

/// Row weight where valid, else 0; float64 of the shape of target.valid.
at::Tensor element_weight(const Target& target);

/// Number and weight of the valid elements.
Task::Count count_elements(const Target& target);

/// -log softmax(output)[class]. @param output logits (n, classes)
at::Tensor cross_entropy_sum(const at::Tensor& output, const Target& target);

/// Binary cross-entropy of each entry. @param output logits (n, k)
at::Tensor binary_cross_entropy_sum(const at::Tensor& output, const Target& target);

/// (output - label)^2 of each entry (n, k).
at::Tensor squared_error_sum(const at::Tensor& output, const Target& target);

/// |output - label| of each entry (n, k).
at::Tensor absolute_error_sum(const at::Tensor& output, const Target& target);

}  // namespace trunkline
