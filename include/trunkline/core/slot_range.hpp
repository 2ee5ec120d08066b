// A piece of a source's global batch.
#pragma once

#include <cstdint>

namespace trunkline {

/// A half-open range of slots 0..B-1 of a source's global batch.
struct SlotRange {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
  bool operator==(const SlotRange&) const = default;
};

}  // namespace trunkline
