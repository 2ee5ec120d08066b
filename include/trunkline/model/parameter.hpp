// What a layer needs to exist: named, shaped parameters and how each begins. Values live elsewhere.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trunkline {

/// How a parameter begins. Values depend on (seed, parameter name, element index) alone.
struct Init {
  enum class Kind { kConstant, kUniform, kNormal };
  Kind kind = Kind::kConstant;
  double value =
      0.0;  ///< the constant; or the bound of uniform(-value, value); or the standard deviation
};

struct ParameterSpec {
  std::string name;  ///< relative to its owner, e.g. "conv1.weight"; full names add "trunk." or
                     ///< "heads.TASK."
  std::vector<int64_t> shape;
  Init init;
};

/// Parameters of a trunk, stem or head, in the order of their specs.
using Parameters = std::span<const at::Tensor>;

/// Fills a tensor (float32 or float64, any strides) with its initial values; float32 is the rounded
/// float64 value.
/// @param full_name e.g. "trunk.conv1.weight"
void initialize(const at::Tensor& tensor, const Init& init, const std::string& full_name,
                uint64_t seed);

}  // namespace trunkline
