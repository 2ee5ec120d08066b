// Low-rank adapters: the function that they make, and its gradients.
#include "trunkline/model/lora.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

const TrunkOptions kMlp = {.kind = "mlp", .widths = {5, 4}};
const TrunkOptions kConvnet = {.kind = "convnet", .channels = {3, 4}, .norm = "group"};

LoraOptions lora(int64_t rank, std::vector<std::string> layers = {}) {
  return {rank, {}, std::move(layers)};
}

LoraTrunk make(const TrunkOptions& options, const std::vector<int64_t>& shape,
               const LoraOptions& adapters) {
  return {make_trunk(options, shape), adapters};
}

std::vector<at::Tensor> random_parameters(const Trunk& trunk) {
  std::vector<at::Tensor> parameters;
  for (const ParameterSpec& spec : trunk.parameters())
    parameters.push_back(at::randn(spec.shape, at::kDouble));
  return parameters;
}

std::vector<std::string> adapters_of(const Trunk& trunk) {
  std::vector<std::string> names;
  for (const ParameterSpec& spec : trunk.parameters())
    if (is_adapter(spec.name)) names.push_back(spec.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Lora, AddsTwoMatricesForEachLinearLayerAndConvolution) {
  EXPECT_EQ(adapters_of(make(kMlp, {6}, lora(2))),
            (Names{"linear0.lora_a", "linear0.lora_b", "linear1.lora_a", "linear1.lora_b"}));
  const LoraTrunk trunk = make(kConvnet, {2, 8, 8}, lora(2));
  EXPECT_EQ(adapters_of(trunk),
            (Names{"conv0.lora_a", "conv0.lora_b", "conv1.lora_a", "conv1.lora_b"}));
  const auto& specs = trunk.parameters();
  EXPECT_EQ(specs[specs.size() - 2].shape, (std::vector<int64_t>{2, 3 * 9}));
  EXPECT_EQ(specs[specs.size() - 1].shape, (std::vector<int64_t>{4, 2}));
}

TEST(Lora, AdaptsChosenLayersAndBlocks) {
  EXPECT_EQ(adapters_of(make(kMlp, {6}, lora(1, {"linear1"}))),
            (Names{"linear1.lora_a", "linear1.lora_b"}));
  EXPECT_EQ(
      adapters_of(make({.kind = "resnet18", .base_width = 4}, {3, 16, 16}, lora(1, {"layer1.0"}))),
      (Names{"layer1.0.conv1.lora_a", "layer1.0.conv1.lora_b", "layer1.0.conv2.lora_a",
             "layer1.0.conv2.lora_b"}));
}

TEST(Lora, BeginsAsTheTrunkItself) {
  for (const auto& [name, shape] :
       {std::pair{kMlp, std::vector<int64_t>{6}}, {kConvnet, std::vector<int64_t>{2, 8, 8}}}) {
    const LoraTrunk trunk = make(name, shape, lora(2));
    std::vector<at::Tensor> parameters;
    for (const ParameterSpec& spec : trunk.parameters())
      initialize(parameters.emplace_back(at::randn(spec.shape, at::kDouble)), spec.init,
                 "trunk." + spec.name, 3);
    std::vector<int64_t> rows = shape;
    rows.insert(rows.begin(), 4);
    const at::Tensor x = at::randn(rows, at::kDouble);
    EXPECT_TRUE(trunk.forward(parameters, x, {})
                    .features.equal(trunk.plain().forward(parameters, x, {}).features));
  }
}

TEST(Lora, IsTheTrunkWithMergedWeights) {
  const LoraTrunk trunk = make(kMlp, {6}, {2, 6.0, {}});
  const std::vector<at::Tensor> p = random_parameters(trunk);
  const at::Tensor x = at::randn({3, 6}, at::kDouble);
  const std::vector<at::Tensor> merged = trunk.merge(p);
  EXPECT_TRUE(at::allclose(merged[0], p[0].add(p[5].matmul(p[4]), 3.0), 1e-14, 1e-14));
  EXPECT_TRUE(merged[1].is_same(p[1]));
  EXPECT_TRUE(
      trunk.forward(p, x, {}).features.equal(trunk.plain().forward(merged, x, {}).features));
}

TEST(Lora, IsOfRankAtLeastOne) {
  EXPECT_NE(message_of<UsageError>([] {
              make(kMlp, {6}, lora(0));
            }).find("finetune.lora.rank: 0 is below"),
            std::string::npos);
}

TEST(Lora, NamesTheLayersThatThereAre) {
  EXPECT_EQ(message_of<UsageError>([] { make(kMlp, {6}, lora(1, {"linear7"})); }),
            "finetune.lora.layers: linear7 is no linear layer or convolution of the trunk; it has "
            "linear0, linear1");
}

}  // namespace
}  // namespace trunkline
