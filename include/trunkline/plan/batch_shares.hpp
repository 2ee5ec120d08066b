// How a total batch is shared out among sources of very different length.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// `train.batch:` of the config.
struct BatchOptions {
  int64_t total = 0;  ///< rows per step of all sources; 0: each source's own `batch` counts
  std::string shares = "proportional";  ///< equal | proportional | temperature
  double tau = 2.0;                     ///< temperature: shares are rows^(1/tau)
};
void describe(Keys& keys, BatchOptions& options);

/// Batch of each source: its share of the total, rounded to a multiple of 8, at least 8. User
/// weights of tasks and shares are two settings: neither changes the other.
/// @param rows of each source's training split, all > 0
std::vector<int64_t> share_batch(const BatchOptions& options, const std::vector<int64_t>& rows);

}  // namespace trunkline
