// A batch: named tensors of the rows that one rank reads of one source in one step.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trunkline/core/slot_range.hpp"

namespace trunkline {

/// Rows in ascending slot order; padded slots are left out, so a batch may have no rows at all.
/// Fields keep the type of the file (u8 stays u8) with shape (n, row shape…); companions of field f
/// are `f_valid` (u8) and `f_weight` (f32).
struct Batch {
  std::string source;
  int64_t epoch = 0;                         ///< the source's epoch of the first row
  at::Tensor slots;                          ///< i64 (n), ascending
  at::Tensor samples;                        ///< i64 (n), row numbers over all files of the source
  std::map<std::string, at::Tensor> fields;  ///< each (n, …)

  int64_t rows() const { return slots.defined() ? slots.size(0) : 0; }

  /// The rows whose slots lie in a range: views, no copies.
  Batch slice(SlotRange range) const;
};

}  // namespace trunkline
