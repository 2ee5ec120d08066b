// Slices with known numbers for tests of optimizers.
#pragma once

#include <ATen/core/TensorBody.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "trunkline/optim/optimizer.hpp"

namespace trunkline {

/// How GoogleTest and ctest name a test's parameter.
inline void PrintTo(const OptimizerOptions& options, std::ostream* out) {
  *out << options.kind;
  if (options.momentum != 0.0) *out << "_momentum";
  if (options.dampening != 0.0) *out << "_dampening";
  if (options.nesterov) *out << "_nesterov";
}

inline at::Tensor tensor_of(const std::vector<double>& values, c10::ScalarType type) {
  return at::tensor(values, at::TensorOptions(at::kDouble)).to(type);
}

/// A slice with one entry NAME.weight that fills it.
inline Slice whole_slice(const std::string& name, const at::Tensor& parameters) {
  const int64_t size = parameters.numel();
  return {.name = name,
          .parameters = parameters,
          .gradient = at::zeros_like(parameters),
          .entries = {{.name = name + ".weight", .begin = 0, .end = size, .shape = {size}}}};
}

/// A trunk of three entries (a matrix, a bias without decay, a vector) with padding between them.
inline Slice padded_trunk(c10::ScalarType type) {
  std::vector<double> values(48, 0.0);
  for (int i = 0; i < 6; ++i) values[i] = 0.3 * i - 0.7;
  for (int i = 16; i < 19; ++i) values[i] = 0.5;
  for (int i = 32; i < 48; ++i) values[i] = 1.0 / i;
  Slice slice = whole_slice("trunk", tensor_of(values, type));
  slice.entries = {
      {.name = "trunk.a.weight", .begin = 0, .end = 6, .shape = {2, 3}},
      {.name = "trunk.a.bias", .begin = 16, .end = 19, .shape = {3}, .decay = false},
      {.name = "trunk.b.weight", .begin = 32, .end = 48, .shape = {16}},
  };
  return slice;
}

/// Fills the entries of the gradient, not the padding, with numbers that depend on the step.
inline void fill_gradient(Slice& slice, int64_t step) {
  for (const SliceEntry& entry : slice.entries)
    for (int64_t i = entry.begin; i < entry.end; ++i)
      slice.gradient[i] = std::sin(1.7 * static_cast<double>(i) + static_cast<double>(step));
}

}  // namespace trunkline
