#include "trunkline/model/layers.hpp"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/model/direct_gradients.hpp"

namespace trunkline {
namespace {

constexpr double kNormEpsilon = 1e-5;

Init fan_in_init(int64_t fan_in) {
  return {Init::Kind::kUniform, 1.0 / std::sqrt(static_cast<double>(fan_in))};
}

// Appends weight and bias and returns the position of the weight.
std::size_t append(std::vector<ParameterSpec>& specs, const std::string& name,
                   std::vector<int64_t> weight_shape, Init weight, Init bias) {
  const std::size_t first = specs.size();
  const int64_t outputs = weight_shape.front();
  specs.push_back({name + ".weight", std::move(weight_shape), weight});
  specs.push_back({name + ".bias", {outputs}, bias});
  return first;
}

std::size_t append_norm(std::vector<ParameterSpec>& specs, const std::string& name,
                        int64_t channels, double scale = 1.0) {
  return append(specs, name, {channels}, {Init::Kind::kConstant, scale},
                {Init::Kind::kConstant, 0.0});
}

}  // namespace

void Linear::declare(std::vector<ParameterSpec>& specs) {
  const Init start = init.value_or(fan_in_init(in));
  first = append(specs, name, {out, in}, start, start);
  if (!bias) specs.pop_back();
}

at::Tensor Linear::forward(Parameters parameters, const at::Tensor& x) const {
  return linear(x, parameters[first], bias ? parameters[first + 1] : at::Tensor());
}

void Conv2d::declare(std::vector<ParameterSpec>& specs) {
  const Init by_fan_in = fan_in_init(in * kernel * kernel);
  first = append(specs, name, {out, in, kernel, kernel}, init.value_or(by_fan_in), by_fan_in);
  if (!bias) specs.pop_back();
}

at::Tensor Conv2d::forward(Parameters parameters, const at::Tensor& x) const {
  return at::conv2d(x, parameters[first], bias ? parameters[first + 1] : at::Tensor(), stride,
                    padding);
}

void GroupNorm::declare(std::vector<ParameterSpec>& specs) {
  first = append_norm(specs, name, channels, scale);
}

at::Tensor GroupNorm::forward(Parameters parameters, const at::Tensor& x) const {
  return at::group_norm(x, groups, parameters[first], parameters[first + 1], kNormEpsilon);
}

void LayerNorm::declare(std::vector<ParameterSpec>& specs) {
  first = append_norm(specs, name, width);
}

at::Tensor LayerNorm::forward(Parameters parameters, const at::Tensor& x) const {
  return at::layer_norm(x, {width}, parameters[first], parameters[first + 1], kNormEpsilon);
}

void Embedding::declare(std::vector<ParameterSpec>& specs) {
  first = specs.size();
  specs.push_back({name + ".weight", {codes, width}, {Init::Kind::kNormal, deviation}});
}

at::Tensor Embedding::forward(Parameters parameters, const at::Tensor& x) const {
  return at::embedding(parameters[first], x);
}

at::Tensor global_average_pool(const at::Tensor& x) {
  return at::adaptive_avg_pool2d(x, {1, 1}).flatten(1);
}

Activation activation_named(const std::string& name) {
  if (name == "relu") return Activation::kRelu;
  if (name == "gelu") return Activation::kGelu;
  if (name == "silu") return Activation::kSilu;
  if (name == "tanh") return Activation::kTanh;
  throw UsageError(fmt::format("trunk.activation: \"{}\" is none of relu, gelu, silu, tanh", name));
}

at::Tensor activate(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kTanh:
      return at::tanh(x);
  }
  throw BugError("an activation that has no function");
}

}  // namespace trunkline
