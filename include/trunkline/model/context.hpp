// What a forward pass may depend on beside parameters and inputs.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <vector>

namespace trunkline {

/// Rows of one source.
struct SourceRows {
  uint64_t source = 0;  ///< name_key of the source
  at::Tensor samples;   ///< i64 (n): row numbers of the source
};

/// Keys of random decisions inside layers: the same sample in the same step draws the same dropout
/// mask on any rank and in any company.
struct Context {
  bool training = false;
  uint64_t seed = 0;
  int64_t step = 0;
  std::vector<SourceRows> rows;  ///< what the rows are, in order; needed by dropout while training
  /// Where a head that mixes experts leaves its gates, (n, own + shared) per layer with own experts
  /// first; null: nowhere.
  std::vector<at::Tensor>* gates = nullptr;
};

}  // namespace trunkline
