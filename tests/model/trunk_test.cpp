// Trunks: shapes, what they refuse, and that rows do not depend on their company.
#include "trunkline/model/trunk.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

struct TrunkCase {
  std::string name;
  TrunkOptions options;
  std::vector<int64_t> shape;
  int64_t width;
};

TrunkOptions options(const std::string& kind) {
  TrunkOptions o;
  o.kind = kind;
  o.dropout = 0.5;
  return o;
}

std::vector<TrunkCase> trunk_cases() {
  TrunkCase mlp{"mlp", options("mlp"), {3, 4}, 7};
  mlp.options.widths = {9, 7};
  mlp.options.norm = "layer";
  TrunkCase bottleneck{"mlp_linear_output", mlp.options, {3, 4}, 7};
  bottleneck.options.linear_output = true;
  TrunkCase identity{"identity", options("identity"), {3, 4}, 12};
  TrunkCase convnet{"convnet", options("convnet"), {3, 9, 8}, 6};
  convnet.options.channels = {4, 6};
  convnet.options.norm = "group";
  convnet.options.activation = "silu";
  TrunkCase resnet{"resnet18", options("resnet18"), {2, 9, 8}, 32};
  resnet.options.base_width = 4;
  resnet.options.groups = 2;
  TrunkCase large{"resnet18_large", resnet.options, {1, 66, 71}, 32};
  TrunkCase mmoe = mlp;
  mmoe.name = mmoe.options.kind = "mmoe";
  TrunkCase ple = mlp;
  ple.name = ple.options.kind = "ple";
  TrunkCase patches{"transformer_patches", options("transformer"), {2, 6, 9}, 8};
  patches.options.transformer = {.width = 8, .heads = 2, .pooling = "cls", .patch = 3};
  return {mlp,
          bottleneck,
          identity,
          convnet,
          resnet,
          large,
          mmoe,
          ple,
          patches,
          {"lenet", options("lenet"), {28, 28}, 50},
          {"lenet_rgb", options("lenet"), {3, 20, 16}, 50}};
}

std::vector<int64_t> rows(int64_t n, std::vector<int64_t> shape) {
  shape.insert(shape.begin(), n);
  return shape;
}

class TrunkTest : public testing::TestWithParam<TrunkCase> {
 protected:
  std::unique_ptr<Trunk> trunk_ = make_trunk(GetParam().options, GetParam().shape);
  std::vector<at::Tensor> parameters_ = materialize(trunk_->parameters(), "trunk.");

  at::Tensor features(const at::Tensor& x, const std::vector<int64_t>& samples) {
    return trunk_->forward(parameters_, x, training(samples)).features;
  }
};

TEST_P(TrunkTest, GivesFeaturesOfTheStatedWidth) {
  const at::Tensor x = noise("x", rows(3, GetParam().shape));
  const TrunkOutput output = trunk_->forward(parameters_, x, {});
  EXPECT_EQ(trunk_->shape().width, GetParam().width);
  EXPECT_EQ(output.features.sizes(), at::IntArrayRef({3, GetParam().width}));
  EXPECT_TRUE(output.input.is_same(x));
  EXPECT_EQ(trunk_->shape().input, GetParam().shape);
  const at::Tensor maps = output.maps.defined() ? output.maps : at::zeros({3});  // none per row
  EXPECT_EQ(maps.sizes(), at::IntArrayRef(rows(3, trunk_->shape().maps)));
}

TEST_P(TrunkTest, RowsDoNotDependOnTheirCompanyWhileTraining) {
  const at::Tensor x = noise("x", rows(5, GetParam().shape));
  const at::Tensor whole = features(x, {10, 11, 12, 13, 14});
  const at::Tensor parts =
      at::cat({features(x.narrow(0, 0, 2), {10, 11}), features(x.narrow(0, 2, 3), {12, 13, 14})});
  EXPECT_TRUE(whole.allclose(parts, 1e-12, 1e-12));
}

TEST_P(TrunkTest, AcceptsABatchWithoutRows) {
  const at::Tensor none = features(noise("x", rows(0, GetParam().shape)), {});
  EXPECT_EQ(none.sizes(), at::IntArrayRef({0, GetParam().width}));
}

TEST_P(TrunkTest, StartsWithinTheBoundsOfFanIn) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const ParameterSpec& spec = trunk_->parameters()[i];
    if (spec.init.kind != Init::Kind::kUniform || !spec.name.ends_with(".weight")) continue;
    const int64_t fan_in = parameters_[i].numel() / spec.shape[0];
    EXPECT_DOUBLE_EQ(spec.init.value, 1.0 / std::sqrt(static_cast<double>(fan_in))) << spec.name;
    EXPECT_EQ(trunk_->parameters()[i + 1].init.value, spec.init.value) << spec.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TrunkTest, testing::ValuesIn(trunk_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(LeNet, HasTheParametersOfTheMultiMnistEncoder) {
  const auto trunk = make_trunk(options("lenet"), {28, 28});
  int64_t elements = 0;
  std::string names;
  for (const at::Tensor& p : materialize(trunk->parameters(), "trunk.")) elements += p.numel();
  for (const ParameterSpec& spec : trunk->parameters()) names += spec.name + " ";
  EXPECT_EQ(names, "conv1.weight conv1.bias conv2.weight conv2.bias fc.weight fc.bias ");
  EXPECT_EQ(elements, (25 * 10 + 10) + (250 * 20 + 20) + (320 * 50 + 50));
}

TEST(Mlp, EndsWithALinearLayerWhereItIsToldTo) {
  TrunkOptions o = options("mlp");
  o.widths = {5, 2};
  o.norm = "layer";
  o.linear_output = true;
  const auto trunk = make_trunk(o, {4});
  std::string names;
  for (const ParameterSpec& spec : trunk->parameters()) names += spec.name + " ";
  EXPECT_EQ(names,
            "linear0.weight linear0.bias norm0.weight norm0.bias linear1.weight linear1.bias ");
  const auto parameters = materialize(trunk->parameters(), "trunk.");
  const at::Tensor features =
      trunk->forward(parameters, noise("x", {50, 4}), training(std::vector<int64_t>(50, 0)))
          .features;
  EXPECT_TRUE(features.lt(0).any().item<bool>());
  EXPECT_FALSE(features.eq(0).any().item<bool>());  // no dropout
}

TEST(Identity, FlattensRows) {
  const at::Tensor x = noise("x", {2, 3, 4});
  const auto trunk = make_trunk(options("identity"), {3, 4});
  EXPECT_TRUE(trunk->parameters().empty());
  EXPECT_TRUE(trunk->forward({}, x, {}).features.equal(x.reshape({2, 12})));
}

TEST(ConvNet, AveragesItsMaps) {
  TrunkOptions o = options("convnet");
  o.channels = {4, 6};
  const auto trunk = make_trunk(o, {1, 8, 8});
  const auto parameters = materialize(trunk->parameters(), "trunk.");
  const TrunkOutput output = trunk->forward(parameters, noise("x", {2, 1, 8, 8}), {});
  EXPECT_EQ(output.maps.sizes(), at::IntArrayRef({2, 6, 2, 2}));
  EXPECT_TRUE(output.features.allclose(output.maps.mean({2, 3}), 1e-12, 1e-12));
}

std::string refusal(const TrunkOptions& o, const std::vector<int64_t>& shape) {
  return message_of<UsageError>([&] { make_trunk(o, shape); });
}

TEST(MakeTrunk, SaysWhatDoesNotFit) {
  TrunkOptions o = options("lenet");
  EXPECT_EQ(refusal(o, {1, 15, 28}),
            "trunk.kind: lenet needs images of 16x16 pixels or more, rows have 15x28");
  EXPECT_EQ(refusal(o, {9}),
            "trunk.kind: lenet reads images (channels, height, width), but rows have shape (9); "
            "use kind: mlp");
  o = options("convnet");
  EXPECT_EQ(refusal(o, {3, 4, 64}),
            "trunk.channels: 3 stages halve an image of 4x64 pixels to nothing; name fewer");
  o.norm = "layer";
  EXPECT_EQ(refusal(o, {3, 64, 64}),
            "trunk.norm: \"layer\" does not go with kind: convnet, which knows none and group");
  o = options("mlp");
  o.widths = {};
  EXPECT_EQ(refusal(o, {9}), "trunk.widths: empty; an mlp has at least one layer");
  o.kind = "resnet";
  EXPECT_EQ(
      refusal(o, {9}),
      "trunk.kind: \"resnet\" is none of mlp, convnet, lenet, resnet18, resnet34, transformer, "
      "identity, torchscript, mmoe, cgc, ple");
}

}  // namespace
}  // namespace trunkline
