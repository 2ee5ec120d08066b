// Modules of torch.jit as trunks. tests/golden/torchscript/make.py made them.
#include "trunkline/model/torchscript.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <fstream>

#include "small_model.hpp"
#include "trunkline/model/lora.hpp"
#include "trunkline/model/trunk_kinds.hpp"
#include "trunkline/model/trunk_layers.hpp"

namespace trunkline {
namespace {

std::string module_file(const std::string& name) {
  return std::string(TRUNKLINE_GOLDEN) + "/torchscript/" + name;
}

std::unique_ptr<Trunk> trunk_of(const std::string& name,
                                const std::vector<int64_t>& shape = {3, 16, 16}) {
  TrunkOptions options;
  options.kind = "torchscript";
  options.module = module_file(name);
  return make_trunk(options, shape);
}

std::vector<at::Tensor> parameters_of(const std::string& name, c10::ScalarType type) {
  std::vector<at::Tensor> parameters;
  for (const auto& [parameter, value] : torchscript_parameters(module_file(name)))
    parameters.push_back(value.to(type).clone().set_requires_grad(true));
  return parameters;
}

std::string refusal(const std::string& name, const std::vector<int64_t>& shape = {3, 16, 16}) {
  return message_of<UsageError>([&] { trunk_of(name, shape); });
}

void expect_says(const std::string& message, const std::string& text) {
  EXPECT_NE(message.find(text), std::string::npos) << message;
}

TEST(TorchScript, HasTheParametersOfTheModule) {
  const auto trunk = trunk_of("encoder.pt");
  EXPECT_EQ(trunk->shape().width, 5);
  ASSERT_EQ(trunk->parameters().size(), 8U);
  EXPECT_EQ(trunk->parameters()[0].name, "conv.weight");
  EXPECT_EQ(trunk->parameters()[0].shape, (std::vector<int64_t>{4, 3, 3, 3}));
  EXPECT_EQ(torchscript_parameters(module_file("encoder.pt"))[0].first, "trunk.conv.weight");
  std::vector<std::string> layers;
  for (const TrunkLayer& layer : trunk_layers(trunk->parameters())) layers.push_back(layer.name);
  EXPECT_EQ(layers, (std::vector<std::string>{"conv", "block.0", "out"}));
}

TEST(TorchScript, GivesMapsAndTheirMeans) {
  const auto trunk = trunk_of("maps.pt");
  EXPECT_EQ(trunk->shape().width, 4);
  EXPECT_EQ(trunk->shape().maps, (std::vector<int64_t>{4, 8, 8}));
  const TrunkOutput output =
      trunk->forward(parameters_of("maps.pt", at::kFloat), at::randn({3, 3, 16, 16}), {});
  EXPECT_TRUE(at::allclose(output.features, output.maps.mean({2, 3}), 1e-6, 1e-6));
}

TEST(TorchScript, IsAFunctionOfTheParametersThatItIsGiven) {
  const auto trunk = trunk_of("encoder.pt");
  for (const c10::ScalarType type : {at::kDouble, at::kFloat}) {
    std::vector<at::Tensor> p = parameters_of("encoder.pt", type);
    const at::Tensor x = at::randn({3, 3, 16, 16}, type);
    const at::Tensor first = trunk->forward(p, x, {}).features;
    EXPECT_EQ(first.scalar_type(), type);
    std::vector<at::Tensor> other = p;
    other[6] = p[6].detach().mul(2.0);
    EXPECT_FALSE(trunk->forward(other, x, {}).features.equal(first));
    EXPECT_TRUE(trunk->forward(p, x, {}).features.equal(first));
    EXPECT_EQ(trunk->forward(p, x.narrow(0, 0, 0), {}).features.size(0), 0);
  }
}

TEST(TorchScript, HasGradients) {
  const auto trunk = trunk_of("encoder.pt");
  const std::vector<at::Tensor> p = parameters_of("encoder.pt", at::kDouble);
  const at::Tensor x = at::randn({4, 3, 16, 16}, at::kDouble);
  const auto loss = [&] { return trunk->forward(p, x, {}).features.pow(2).sum(); };
  for (int repetition = 0; repetition < 4; ++repetition) {  // an optimizing executor would change
    const auto gradients = torch::autograd::grad({loss()}, p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      const c10::NoGradGuard no_grad;
      double* element = p[i].data_ptr<double>();
      const double before = *element, step = 1e-6;
      *element = before + step;
      const double above = loss().item<double>();
      *element = before - step;
      const double below = loss().item<double>();
      *element = before;
      EXPECT_NEAR(gradients[i].flatten()[0].item<double>(), (above - below) / (2 * step), 1e-7)
          << trunk->parameters()[i].name;
    }
  }
}

TEST(TorchScript, TakesAdapters) {
  const LoraTrunk trunk(trunk_of("encoder.pt"), {2, {}, {}});
  std::vector<at::Tensor> p = parameters_of("encoder.pt", at::kDouble);
  for (std::size_t i = p.size(); i < trunk.parameters().size(); ++i)
    p.push_back(at::full(trunk.parameters()[i].shape, .01, at::kDouble).set_requires_grad(true));
  const at::Tensor x = at::randn({64, 3, 16, 16}, at::kDouble);  // some rows pass each ReLU
  const at::Tensor y = trunk.forward(p, x, {}).features;
  for (const at::Tensor& gradient : torch::autograd::grad(
           {y.sum()}, {p.begin() + 8, p.end()}, {}, std::nullopt, false, /*allow_unused=*/false))
    EXPECT_GT(gradient.abs().sum().item<double>(), 0.0);
}

TEST(TorchScript, RefusesWhatIsNoTrunk) {
  expect_says(refusal("nothing.pt"), "no such file");
  expect_says(refusal("make.py"), "not a TorchScript module");
  expect_says(refusal("state.pt"), "not a TorchScript module");
  expect_says(refusal("frozen.pt"), "has no parameters; torch.jit.freeze removes them");
  expect_says(refusal("flat.pt"), "forward gives (1536) for two rows of (3, 16, 16); expected");
  expect_says(refusal("pair.pt"), "forward gives a Tuple; expected one tensor");
  expect_says(refusal("across.pt"), "depends on the other rows; save the module after eval()");
  expect_says(refusal("mixing.pt"), "norm is batch normalisation in training mode; call eval()");
  expect_says(refusal("noisy.pt"), "draws random numbers (aten::randn_like)");
  expect_says(refusal("counting.pt"), "forward changes the buffer count");
  expect_says(refusal("encoder.pt", {1, 16, 16}), "forward fails on rows of shape (1, 16, 16)");
  expect_says(message_of<UsageError>([] {
                make_trunk({.kind = "torchscript"}, {3, 16, 16});
              }),
              "trunk.kind: torchscript needs a module; set init.from: FILE.pt");
}

TEST(TorchScript, ExportsWithParametersByTheirNames) {
  const at::Tensor weight = at::randn({3, 4});
  const std::string bytes = to_torchscript({{{"trunk.weight", weight}},
                                            at::randn({2, 4}),
                                            [&](const at::Tensor& x) {
                                              return NamedTensors{{"y", x.matmul(weight.t())}};
                                            }},
                                           {{"notes", "text"}});
  const std::string file = testing::TempDir() + "/trunkline_exported.pt";
  std::ofstream(file, std::ios::binary) << bytes;
  const NamedTensors parameters = torchscript_parameters(file);
  ASSERT_EQ(parameters.size(), 1U);
  EXPECT_EQ(parameters[0].first, "trunk.trunk.weight");
  EXPECT_TRUE(parameters[0].second.equal(weight));
}

}  // namespace
}  // namespace trunkline
