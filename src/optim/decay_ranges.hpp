// Where weight decay applies inside a slice.
#pragma once

#include <cstdint>
#include <vector>

#include "trunkline/optim/optimizer.hpp"

namespace trunkline {

struct DecayRange {
  int64_t begin = 0, end = 0;
  bool decay = true;
};

/// The fewest contiguous ranges with one decay flag each, ascending, that cover a slice of `size`
/// elements. Padding belongs to the entry before it: it is zero and no rule moves zeros, and ranges
/// that start where entries start keep the alignment of the storage.
std::vector<DecayRange> decay_ranges(const std::vector<SliceEntry>& entries, int64_t size);

}  // namespace trunkline
