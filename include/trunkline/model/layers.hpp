// The layers that trunks and heads are made of: plain options and a pure forward, one call
// each.
//
// A layer declares its parameters once, when its owner is built, and remembers where they begin
// among the owner's parameters. Initial values are PyTorch's defaults: uniform(-b, b) with
// b = 1 / sqrt(fan_in) for weights and biases, ones and zeros for norms.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/model/parameter.hpp"

namespace trunkline {

/// y = x W^T + b on the last axis. Parameters: weight (out, in), and bias (out) if it has one.
struct Linear {
  std::string name;
  int64_t in = 0, out = 0;
  bool bias = true;
  std::optional<Init> init = {};  ///< of weight and bias, instead of PyTorch's default
  std::size_t first = 0;          ///< position of the weight; set by declare()

  void declare(std::vector<ParameterSpec>& specs);
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;
};

/// A square convolution. Parameters: weight (out, in, kernel, kernel), and bias (out) if it has
/// one.
struct Conv2d {
  std::string name;
  int64_t in = 0, out = 0, kernel = 3, padding = 0, stride = 1;
  bool bias = true;
  std::optional<Init> init = {};  ///< of the weight, instead of PyTorch's default
  std::size_t first = 0;          ///< position of the weight; set by declare()

  void declare(std::vector<ParameterSpec>& specs);
  /// @param x (n, in, h, w)   @return (n, out, (h + 2 padding - kernel) / stride + 1, …)
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;
};

/// Group normalisation (Wu & He 2018) of (n, channels, …); statistics never cross samples.
struct GroupNorm {
  std::string name;
  int64_t channels = 0, groups = 1;
  double scale = 1.0;     ///< initial value of the weight
  std::size_t first = 0;  ///< position of the weight; set by declare()

  void declare(std::vector<ParameterSpec>& specs);
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;
};

/// Layer normalisation (Ba et al. 2016) over the last axis.
struct LayerNorm {
  std::string name;
  int64_t width = 0;
  std::size_t first = 0;  ///< position of the weight; set by declare()

  void declare(std::vector<ParameterSpec>& specs);
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;
};

/// A learned vector per code. Parameter: weight (codes, width), normal.
struct Embedding {
  std::string name;
  int64_t codes = 0, width = 0;
  double deviation = 0.01;  ///< of the initial values
  std::size_t first = 0;    ///< position of the weight; set by declare()

  void declare(std::vector<ParameterSpec>& specs);
  /// @param x i64 (…), each in [0, codes)   @return (…, width)
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;
};

/// Maxima of non-overlapping squares of `extent` pixels; what does not fill a square is left out.
at::Tensor max_pool(const at::Tensor& x, int64_t extent);

/// Maxima of squares of `extent` pixels that begin `stride` pixels apart; `padding` never wins.
at::Tensor max_pool(const at::Tensor& x, int64_t extent, int64_t stride, int64_t padding);

/// (n, channels, h, w) to (n, channels): the mean over all pixels.
at::Tensor global_average_pool(const at::Tensor& x);

enum class Activation { kRelu, kGelu, kSilu, kTanh };

/// @param name relu | gelu | silu | tanh   @throws UsageError for any other name
Activation activation_named(const std::string& name);
at::Tensor activate(Activation activation, const at::Tensor& x);

}  // namespace trunkline
