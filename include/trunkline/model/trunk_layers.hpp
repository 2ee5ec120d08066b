// The layers of a trunk, from the input up: what is frozen or set free as one.
#pragma once

#include <string>
#include <vector>

#include "trunkline/model/parameter.hpp"

namespace trunkline {

/// A run of parameters that follow each other.
struct TrunkLayer {
  std::string name;                ///< "conv0", "layer2.1"
  std::size_t begin = 0, end = 0;  ///< positions among the trunk's parameters
};

/// Name of the last layer of a trunk with adapters: all of them.
inline constexpr const char* kAdapters = "adapters";

/// A linear layer or convolution begins a layer and the norm behind it belongs to it; parameters of
/// a block, whose names have a part in front of the layer's ("layer2.1.conv1.weight"), are one
/// layer; so are experts side by side. Works on any trunk that declares its parameters in the order
/// of computation.
std::vector<TrunkLayer> trunk_layers(const std::vector<ParameterSpec>& parameters);

}  // namespace trunkline
