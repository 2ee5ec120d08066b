// The one-to-one map with the largest sum of gains. Torch-free.
#pragma once

#include <cstdint>
#include <vector>

namespace trunkline {

/// The largest sum of gains[row][column] over maps that use every row and column at most once: the
/// Hungarian algorithm (Kuhn 1955) with potentials, O(n^3). Taking the largest entries first can
/// give less. @param gains rows of equal length, none negative
int64_t best_matching(const std::vector<std::vector<int64_t>>& gains);

}  // namespace trunkline
