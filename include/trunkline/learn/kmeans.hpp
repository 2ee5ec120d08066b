// k-means over rows that are spread over ranks: the first centres of a clustering.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>

#include "trunkline/train/agreement.hpp"

namespace trunkline {

struct KmeansOptions {
  int64_t clusters = 2;
  int64_t restarts = 20;
  int64_t rounds = 100;  ///< at most, of each restart
  uint64_t seed = 0;
};

/// The rows of one rank; it may have none.
struct KmeansRows {
  at::Tensor features;  ///< (n, d) on the CPU; d is the same on all ranks
  at::Tensor samples;   ///< i64 (n): numbers of the rows, no two alike on any ranks
};

struct Kmeans {
  at::Tensor centres;    ///< float64 (k, d)
  double inertia = 0.0;  ///< sum of squared distances to the nearest centre; NaN: no finite rows
  int64_t restart = 0;   ///< which one was the best
  int64_t rounds = 0;    ///< that it took
};

/// First centres by k-means++ (Arthur & Vassilvitskii 2007), then Lloyd's rounds until at most one
/// row in 10,000 changes its cluster; of all restarts the one with the least inertia. An empty
/// cluster begins again at the row that is farthest from its centre.
///
/// Every row draws a number from (seed, restart, centre, sample), and the winner of a race becomes
/// the centre, which is a draw in proportion to the squared distance. So what is chosen does not
/// depend on the order of rows or on how they are spread over ranks. Sums are float64. A later
/// restart must be better by more than rounding, or ranks would decide between equals.
///
/// Collective. Memory: one float64 number and one label per row beside the rows.
Kmeans kmeans(const KmeansRows& rows, const KmeansOptions& options, Ranks& ranks);

}  // namespace trunkline
