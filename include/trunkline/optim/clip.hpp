// Clipping of gradients by their norm.
#pragma once

#include <algorithm>

namespace trunkline {

/// Factor that brings gradients of Euclidean norm `norm` to at most `max_norm`:
/// min(1, max_norm / (norm + 1e-6)), as torch's clip_grad_norm_ has it (Pascanu et al. 2013).
/// @param norm at least 0, finite   @param max_norm greater than 0
inline double clip_factor(double norm, double max_norm) {
  return std::min(1.0, max_norm / (norm + 1e-6));
}

}  // namespace trunkline
