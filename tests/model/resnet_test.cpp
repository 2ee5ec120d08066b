// ResNet trunks: their layers are those of the paper, with group normalisation.
#include <gtest/gtest.h>

#include <algorithm>

#include "small_model.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {
namespace {

TrunkOptions resnet(const std::string& kind) {
  TrunkOptions o;
  o.kind = kind;
  return o;
}

TrunkOptions tiny() {
  TrunkOptions o = resnet("resnet18");
  o.base_width = 4;
  o.groups = 2;
  return o;
}

int64_t elements(const Trunk& trunk) {
  int64_t total = 0;
  for (const ParameterSpec& spec : trunk.parameters()) {
    int64_t n = 1;
    for (const int64_t extent : spec.shape) n *= extent;
    total += n;
  }
  return total;
}

// torchvision: resnet18() has 11,689,512 parameters and resnet34() 21,797,672, of which the
// last layer takes 512 * 1000 + 1000; a norm has as many parameters by groups as by batches.
TEST(ResNet, HasAsManyParametersAsTorchvisions) {
  EXPECT_EQ(elements(*make_trunk(resnet("resnet18"), {3, 224, 224})), 11689512 - 513000);
  EXPECT_EQ(elements(*make_trunk(resnet("resnet34"), {3, 224, 224})), 21797672 - 513000);
}

TEST(ResNet, HasTheStemOfCifarForSmallImages) {
  const auto trunk = make_trunk(resnet("resnet18"), {3, 32, 32});
  EXPECT_EQ(trunk->parameters()[0].shape, (std::vector<int64_t>{64, 3, 3, 3}));
  EXPECT_EQ(elements(*trunk), 11689512 - 513000 - 64 * 3 * (49 - 9));
}

TEST(ResNet, TakesTheStemThatTheConfigNames) {
  TrunkOptions o = resnet("resnet18");
  o.stem_kernel = 7;
  EXPECT_EQ(make_trunk(o, {1, 28, 28})->parameters()[0].shape, (std::vector<int64_t>{64, 1, 7, 7}));
  o.stem_kernel = 5;
  EXPECT_EQ(message_of<UsageError>([&] {
              make_trunk(o, {1, 28, 28});
            }),
            "trunk.stem_kernel: 5 is neither 3 nor 7");
}

std::vector<int64_t> map_shape(TrunkOptions o, const std::vector<int64_t>& shape) {
  const auto trunk = make_trunk(o, shape);
  const auto parameters = materialize(trunk->parameters(), "trunk.", c10::kFloat);
  std::vector<int64_t> rows = shape;
  rows.insert(rows.begin(), 2);
  const at::Tensor x = noise("x", rows, c10::kFloat);
  return trunk->forward(parameters, x, {}).maps.sizes().vec();
}

TEST(ResNet, HalvesImagesThreeTimesAfterItsStem) {
  EXPECT_EQ(map_shape(tiny(), {3, 32, 32}), (std::vector<int64_t>{2, 32, 4, 4}));
  EXPECT_EQ(map_shape(tiny(), {3, 64, 96}), (std::vector<int64_t>{2, 32, 2, 3}));
}

TEST(ResNet, UsesFewerGroupsWhereChannelsAreFewer) {
  TrunkOptions o = tiny();
  o.base_width = 6;
  o.groups = 32;  // does not divide 6: the largest common divisor does
  EXPECT_EQ(map_shape(o, {3, 16, 16}), (std::vector<int64_t>{2, 48, 2, 2}));
}

TEST(ResNet, NamesItsParametersByStageAndBlock) {
  const auto trunk = make_trunk(tiny(), {3, 32, 32});
  std::vector<std::string> names;
  for (const ParameterSpec& spec : trunk->parameters()) names.push_back(spec.name);
  for (const char* name : {"conv1.weight", "norm1.bias", "layer1.0.conv1.weight",
                           "layer2.0.shortcut.conv.weight", "layer4.1.norm2.weight"})
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  EXPECT_EQ(std::ranges::count(names, "conv1.bias"), 0);
}

// A block whose last norm is zero passes its shortcut on, so only the shortcuts' weights matter.
TEST(ResNet, BeginsAsItsShortcutsWhereAsked) {
  TrunkOptions o = tiny();
  o.zero_init_residual = true;
  const auto trunk = make_trunk(o, {3, 16, 16});
  auto parameters = materialize(trunk->parameters(), "trunk.");
  const at::Tensor x = noise("x", {2, 3, 16, 16});
  const at::Tensor before = trunk->forward(parameters, x, {}).features.detach();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (trunk->parameters()[i].name.ends_with(".conv2.weight"))
      parameters[i] = parameters[i].detach().mul(3.0);
  EXPECT_TRUE(trunk->forward(parameters, x, {}).features.equal(before));
  EXPECT_GT(before.abs().max().item<double>(), 0.0);
}

}  // namespace
}  // namespace trunkline
