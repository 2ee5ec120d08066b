// Where one layer of a trunk ends and the next begins.
#include "trunkline/model/trunk_layers.hpp"

#include <gtest/gtest.h>

#include "trunkline/model/trunk.hpp"

namespace trunkline {
namespace {

std::vector<std::string> layers_of(const TrunkOptions& options, const std::vector<int64_t>& shape) {
  const auto trunk = make_trunk(options, shape);
  std::vector<std::string> names;
  std::size_t end = 0;
  for (const TrunkLayer& layer : trunk_layers(trunk->parameters())) {
    EXPECT_EQ(layer.begin, end) << layer.name;
    EXPECT_GT(layer.end, layer.begin) << layer.name;
    end = layer.end;
    names.push_back(layer.name);
  }
  EXPECT_EQ(end, trunk->parameters().size());
  return names;
}

using Names = std::vector<std::string>;

TEST(TrunkLayers, OfAnMlpAreItsLinearLayersWithTheirNorms) {
  EXPECT_EQ(layers_of({.kind = "mlp", .widths = {4, 3}, .norm = "layer"}, {5}),
            (Names{"linear0", "linear1"}));
}

TEST(TrunkLayers, OfAConvnetAreItsStages) {
  EXPECT_EQ(layers_of({.kind = "convnet", .channels = {8, 8, 16}, .norm = "group"}, {3, 16, 16}),
            (Names{"conv0", "conv1", "conv2"}));
}

TEST(TrunkLayers, OfALenetAreThree) {
  EXPECT_EQ(layers_of({.kind = "lenet"}, {1, 28, 28}), (Names{"conv1", "conv2", "fc"}));
}

TEST(TrunkLayers, OfAResnetAreItsFirstConvolutionAndItsBlocks) {
  EXPECT_EQ(layers_of({.kind = "resnet18", .base_width = 4}, {3, 32, 32}),
            (Names{"conv1", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1",
                   "layer4.0", "layer4.1"}));
}

TEST(TrunkLayers, OfExpertsAreThoseThatReadTheSame) {
  EXPECT_EQ(layers_of({.kind = "mmoe", .widths = {4, 3}}, {5}), (Names{"layer0"}));
  EXPECT_EQ(layers_of({.kind = "ple", .widths = {4, 3}, .norm = "layer"}, {5}),
            (Names{"layer0", "layer1"}));
}

}  // namespace
}  // namespace trunkline
