// One maker per kind of trunk: the table behind make_trunk().
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// Linear layers, each followed by norm (none | layer), activation and dropout. Rows of any shape
/// are flattened; features are what the last layer gives. No maps.
std::unique_ptr<Trunk> make_mlp(const TrunkOptions& options,
                                const std::vector<int64_t>& input_shape, const std::string& key);

/// Stages of convolution 3x3, norm (none | group: up to 8 groups), activation, max pooling by 2.
/// Features are the means of the last channels over all pixels, then dropout; maps are what is
/// averaged. Rows are images (channels, h, w) or (h, w).
std::unique_ptr<Trunk> make_convnet(const TrunkOptions& options,
                                    const std::vector<int64_t>& input_shape,
                                    const std::string& key);

/// The encoder of the MultiMNIST protocol (Kurin et al. 2022, appendix D): convolution 5x5 to 10
/// channels, pool 2, ReLU, convolution 5x5 to 20 channels, dropout of whole channels, pool 2, ReLU,
/// linear to 50, ReLU. Maps are what the linear layer reads. Rows are images of 16x16 pixels or
/// more.
std::unique_ptr<Trunk> make_lenet(const TrunkOptions& options,
                                  const std::vector<int64_t>& input_shape, const std::string& key);

}  // namespace trunkline
