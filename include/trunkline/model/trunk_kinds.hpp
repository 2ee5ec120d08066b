// One maker per kind of trunk: the table behind make_trunk().
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// Linear layers, each followed by norm (none | layer), activation and dropout, the last one by
/// nothing where `linear_output` is set (the bottleneck of an autoencoder). Rows of any shape are
/// flattened; features are what the last layer gives. No maps.
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

/// ResNet-18 and -34 (He et al. 2016), the layers of torchvision with group instead of batch
/// normalisation (Wu & He 2018): up to `groups` groups, fewer where they would not divide the
/// channels. Four stages of basic blocks with base_width, 2, 4 and 8 times base_width channels; the
/// last three halve height and width. Features are the means of the last maps over all pixels, then
/// dropout: (n, 8 base_width). Rows are images.
///
/// Stem: stem_kernel 3 is one convolution 3x3 with stride 1, the form of CIFAR; 7 is 7x7 with
/// stride 2 and max pooling 3x3 with stride 2, the form of ImageNet. By default 3 for images whose
/// shorter side is below 64 pixels, else 7.
///
/// Weights of convolutions begin as He et al. 2015, fan-out. With zero_init_residual the last norm
/// of each block begins with weight 0, so that the block begins as its shortcut (Goyal et al.
/// 2017).
std::unique_ptr<Trunk> make_resnet(const TrunkOptions& options,
                                   const std::vector<int64_t>& input_shape, const std::string& key);

/// Encoder of Vaswani et al. 2017 with norms in front (Xiong et al. 2020): blocks of
/// h += attention(norm(h)), h += linear(activation(linear(norm(h)))), then a norm; dropout after
/// the embedding, in front of each sum, and of what comes out. With a window of k a block begins
/// with h += activation(linear(k tokens of norm(h) side by side)). Rows are tokens (length),
/// integers, with learned positions; or images, whose patches of patch x patch pixels are the
/// tokens (Dosovitskiy et al. 2021). Padding takes no part in anything. Features are the mean of
/// the tokens, or what became of a learned one in front of them (pooling: cls).
std::unique_ptr<Trunk> make_transformer(const TrunkOptions& options,
                                        const std::vector<int64_t>& input_shape,
                                        const std::string& key);

/// Shared experts, which heads mix by gates of their own (TaskExperts):
///   mmoe  one layer of experts (Ma et al. 2018)
///   cgc   the same, and heads have experts of their own beside the shared ones (Tang et al. 2020)
///   ple   cgc in several layers (same paper); shared layer j > 1 reads the shared experts of the
///         layer below through a gate over them, not those of tasks, which live on other ranks
/// Experts are networks of `options.expert`; layers behind the first read vectors, so that ple with
/// more than one layer needs experts that do. No maps.
std::unique_ptr<Trunk> make_experts(const TrunkOptions& options,
                                    const std::vector<int64_t>& input_shape,
                                    const std::string& key);

/// No parameters: features are the flattened rows, for heads that work on the data as they are. No
/// maps.
std::unique_ptr<Trunk> make_identity(const TrunkOptions& options,
                                     const std::vector<int64_t>& input_shape,
                                     const std::string& key);

/// A module made in Python with torch.jit and saved in eval mode: what its forward gives for
/// (n, input shape) are features (n, width), or maps (n, channels, h, w), whose means over all
/// pixels are the features. Its parameters are trained; its buffers, such as the statistics of
/// batch normalisation, stay as they are, and dropout inside it stays off. Initial values are those
/// of `init.from`, not of the seed. One forward pass at a time.
std::unique_ptr<Trunk> make_torchscript(const TrunkOptions& options,
                                        const std::vector<int64_t>& input_shape,
                                        const std::string& key);

}  // namespace trunkline
