// The shared model: from an input to features that every head reads.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/model/context.hpp"
#include "trunkline/model/parameter.hpp"

namespace trunkline {

/// The keys of `trunk:` that a transformer alone has.
struct TransformerOptions {
  int64_t width = 128;           ///< of tokens, and so of the features
  int64_t layers = 2;            ///< blocks of attention and feed-forward
  int64_t heads = 4;             ///< of attention; they share the width
  int64_t feedforward = 0;       ///< width of the hidden layer of a block; 0: 4 times the width
  std::string pooling = "mean";  ///< mean | cls: what the features are
  Optional<int64_t> vocabulary = {};  ///< tokens are 0 … vocabulary - 1; absent: the file's
  Optional<int64_t> padding = {};     ///< token that fills rows up; absent: the file's, else 0
  Optional<int64_t> max_length = {};  ///< positions that are learned; absent: those of a row
  int64_t window = 0;                 ///< odd: tokens that each sees before attention; 0: none
  double word_dropout = 0.0;          ///< share of tokens read as `unknown` while training
  int64_t word_dropout_from = 0;      ///< the first token that word_dropout may take
  int64_t unknown = 1;                ///< the token that stands for all that are not known
  int64_t patch = 4;                  ///< images: pixels along a side of what becomes one token
};

/// `trunk:` of the config.
struct TrunkOptions {
  /// mlp | convnet | lenet | resnet18 | resnet34 | transformer | identity | torchscript | mmoe |
  /// cgc | ple
  std::string kind = "mlp";
  std::vector<int64_t> widths = {
      256};  ///< mlp: width of each layer, the last is the width of the features
  std::vector<int64_t> channels = {32, 64, 128};  ///< convnet: one stage per entry
  std::string norm = "none";                      ///< none | layer (mlp) | group (convnet)
  std::string activation = "relu";                ///< relu | gelu | silu | tanh
  bool linear_output = false;                     ///< mlp: nothing behind the last linear layer
  double dropout = 0.0;
  int64_t base_width = 64;             ///< resnet: channels of the first stage
  Optional<int64_t> stem_kernel = {};  ///< resnet: 3 | 7; absent: by the size of the images
  int64_t groups = 32;                 ///< resnet: of group normalisation, at most
  bool zero_init_residual = false;     ///< resnet: residual blocks begin as the identity
  int64_t experts = 4;                 ///< mmoe, cgc, ple: shared ones of each layer
  std::string expert = "mlp";          ///< their kind; the keys of its layers are those above
  int64_t expert_layers = 2;           ///< ple: layers of experts
  std::string shared_gate = "shared";  ///< ple: what the gate between shared layers reads
  TransformerOptions transformer = {};
  std::string module = {};  ///< torchscript: the file, which follows from the run; no key
};
void describe(Keys& keys, TrunkOptions& options);
/// The keys of layers, which follow `kind` and those of experts.
void describe_layers(Keys& keys, TrunkOptions& options);
/// What `kind` may be.
std::vector<std::string> trunk_kinds();
/// Those that make layers of their own, without experts: what a stem or an expert may be.
std::vector<std::string> network_kinds();
/// Whether heads mix the experts of such a trunk: mmoe, cgc, ple.
bool has_experts(const std::string& kind);

/// What heads may read. Undefined where a trunk has no such thing.
struct TrunkOutput {
  at::Tensor features;      ///< (n, width); with experts, the mean of those of the last layer
  at::Tensor maps;          ///< (n, channels, height, width) before pooling
  at::Tensor input;         ///< what the trunk was given
  at::Tensor tokens = {};   ///< (n, length, width) before pooling; 0 where padding stands
  at::Tensor mask = {};     ///< bool (n, length): where no padding stands
  at::Tensor experts = {};  ///< (n, layers * experts, width), layer by layer
};

/// Shapes of one row of a trunk's output. Empty or 0 where a trunk has no such thing.
struct TrunkShape {
  int64_t width = 0;                ///< of the features
  std::vector<int64_t> maps = {};   ///< channels, height, width
  std::vector<int64_t> input = {};  ///< as the trunk is given it
  int64_t tokens = 0;               ///< length of a row of tokens
  /// Of a trunk with experts: what heads make their gates and own experts from.
  std::optional<TrunkOptions> experts = {};
};

/// A pure function of parameters and input. Immutable after construction; safe from several
/// threads.
class Trunk {
 public:
  virtual ~Trunk() = default;
  virtual const std::vector<ParameterSpec>& parameters() const = 0;
  virtual TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                              const Context& context) const = 0;
  virtual const TrunkShape& shape() const = 0;
};

/// @param input_shape of one row as the trunk sees it, e.g. {3, 64, 64} or {9}
/// @param key where the options stand in the config, for messages and the keys of dropout
/// @throws UsageError where kind and shape do not fit
std::unique_ptr<Trunk> make_trunk(const TrunkOptions& options,
                                  const std::vector<int64_t>& input_shape,
                                  const std::string& key = "trunk");

}  // namespace trunkline
