#include "trunkline/model/trunk.hpp"

#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

using Maker = std::unique_ptr<Trunk> (*)(const TrunkOptions&, const std::vector<int64_t>&,
                                         const std::string&);

constexpr std::array<std::pair<const char*, Maker>, 6> kKinds = {{{"mlp", make_mlp},
                                                                  {"convnet", make_convnet},
                                                                  {"lenet", make_lenet},
                                                                  {"resnet18", make_resnet},
                                                                  {"resnet34", make_resnet},
                                                                  {"torchscript",
                                                                   make_torchscript}}};

void describe_resnet(Keys& keys, TrunkOptions& o) {
  const KeyRules resnet = {.when = o.kind.starts_with("resnet"),
                           .when_text = "kind: resnet18 or resnet34"};
  KeyRules positive = resnet;
  positive.min = 1;
  keys.value("base_width", o.base_width,
             "channels of the first stage; each further stage doubles them, features are 8 times "
             "as wide",
             positive);
  keys.value("stem_kernel", o.stem_kernel,
             "first convolution: 3 (stride 1) or 7 (stride 2, then max pooling by 2); default: 3 "
             "for images with a side below 64 pixels, else 7",
             resnet);
  if (const int64_t kernel = o.stem_kernel.value_or(3); kernel != 3 && kernel != 7)
    keys.reject("stem_kernel", "must be 3 or 7");
  keys.value("groups", o.groups,
             "groups of each group normalisation; fewer where they do not divide the channels",
             positive);
  keys.value("zero_init_residual", o.zero_init_residual,
             "start the last norm of each residual block with weight 0", resnet);
}

}  // namespace

std::vector<std::string> trunk_kinds() {
  std::vector<std::string> names;
  for (const auto& [name, make] : kKinds) names.emplace_back(name);
  return names;
}

void describe(Keys& keys, TrunkOptions& o) {
  keys.choice("kind", o.kind, trunk_kinds(), "the shared model that all tasks read");
  describe_layers(keys, o);
}

void describe_layers(Keys& keys, TrunkOptions& o) {
  const bool mlp = o.kind == "mlp", convnet = o.kind == "convnet", conv = o.kind == "conv";
  const bool drops = o.kind != "none" && o.kind != "torchscript" && !conv;
  keys.value("widths", o.widths, "width of each layer, the last one that of the features",
             {.min = 1, .when = mlp, .when_text = "kind: mlp"});
  keys.value("channels", o.channels, "channels of each stage, which halves height and width",
             {.min = 1, .when = convnet || conv, .when_text = "kind: convnet"});
  keys.choice("norm", o.norm, {"none", "layer", "group"},
              "normalisation in each layer: layer for an mlp, group for a convnet",
              {.when = mlp || convnet, .when_text = "kind: mlp or convnet"});
  if (mlp && o.norm == "group") keys.reject("norm", "an mlp knows none and layer");
  if (convnet && o.norm == "layer") keys.reject("norm", "a convnet knows none and group");
  keys.choice("activation", o.activation, {"relu", "gelu", "silu", "tanh"},
              "function between layers",
              {.when = mlp || convnet || conv, .when_text = "kind: mlp or convnet"});
  keys.value(
      "dropout", o.dropout,
      "share of elements zeroed while training: after each layer (mlp), of the features "
      "(convnet, resnet), of whole channels (lenet)",
      {.min = 0, .max = 1, .when = drops, .when_text = "a kind of trunk"});
  if (o.dropout >= 1.0) keys.reject("dropout", "must be below 1");
  describe_resnet(keys, o);
}

std::unique_ptr<Trunk> make_trunk(const TrunkOptions& options,
                                  const std::vector<int64_t>& input_shape, const std::string& key) {
  check_dropout(options.dropout, key + ".dropout");
  for (const auto& [name, make] : kKinds)
    if (name == options.kind) return make(options, input_shape, key);
  throw UsageError(fmt::format("{}.kind: \"{}\" is none of {}", key, options.kind,
                               fmt::join(trunk_kinds(), ", ")));
}

}  // namespace trunkline
