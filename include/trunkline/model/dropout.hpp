// Dropout whose masks are functions of keys, so that every layout of ranks draws the same ones.
#pragma once

#include <ATen/core/TensorBody.h>

#include <string>

#include "trunkline/model/context.hpp"

namespace trunkline {

/// While training, zeroes each element (or whole channel) with probability p and multiplies the
/// others by 1 / (1 - p); otherwise the identity.
///
/// The mask is a function of (seed, step, source, sample, name, element): it depends neither on the
/// rank nor on the other rows of the batch, and float32 and float64 drop the same elements.
struct Dropout {
  enum class Unit { kElement, kChannel };

  std::string name;  ///< full, e.g. "trunk.dropout0": two layers of one name drop alike
  double p = 0.0;    ///< in [0, 1)
  Unit unit = Unit::kElement;

  /// @param x (n, …), its rows being those of context.rows; (n, channels, …) for kChannel
  at::Tensor forward(const at::Tensor& x, const Context& context) const;
};

/// Refuses a probability outside [0, 1). @param key of the config, for the message
/// @throws UsageError
void check_dropout(double p, const std::string& key);

}  // namespace trunkline
