#include "decay_ranges.hpp"

namespace trunkline {

std::vector<DecayRange> decay_ranges(const std::vector<SliceEntry>& entries, int64_t size) {
  std::vector<DecayRange> ranges;
  for (const SliceEntry& entry : entries) {
    if (ranges.empty()) {
      ranges.push_back({0, size, entry.decay});
    } else if (ranges.back().decay != entry.decay) {
      ranges.back().end = entry.begin;
      ranges.push_back({entry.begin, size, entry.decay});
    }
  }
  return ranges;
}

}  // namespace trunkline
