#include "trunkline/model/trunk.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

using Maker = std::unique_ptr<Trunk> (*)(const TrunkOptions&, const std::vector<int64_t>&,
                                         const std::string&);

constexpr std::array<std::pair<const char*, Maker>, 11> kKinds = {
    {{"mlp", make_mlp},
     {"convnet", make_convnet},
     {"lenet", make_lenet},
     {"resnet18", make_resnet},
     {"resnet34", make_resnet},
     {"transformer", make_transformer},
     {"identity", make_identity},
     {"torchscript", make_torchscript},
     {"mmoe", make_experts},
     {"cgc", make_experts},
     {"ple", make_experts}}};

// What the keys of layers belong to.
const std::string& network_of(const TrunkOptions& o) {
  return has_experts(o.kind) ? o.expert : o.kind;
}

void describe_experts(Keys& keys, TrunkOptions& o) {
  const bool mixes = has_experts(o.kind), ple = o.kind == "ple";
  const std::string kinds = "kind: mmoe, cgc or ple";
  keys.value("experts", o.experts, "shared experts in each layer",
             {.min = 1, .when = mixes, .when_text = kinds});
  keys.choice("expert", o.expert, network_kinds(),
              "kind of each expert, in the trunk and in heads; takes the keys of that kind",
              {.when = mixes, .when_text = kinds});
  keys.value("expert_layers", o.expert_layers, "layers of experts",
             {.min = 1, .when = ple, .when_text = "kind: ple"});
  keys.choice("shared_gate", o.shared_gate, {"shared"},
              "what the gate between shared layers reads: shared experts alone, because those of "
              "tasks may live on other ranks",
              {.when = ple, .when_text = "kind: ple"});
}

void describe_resnet(Keys& keys, TrunkOptions& o) {
  const KeyRules resnet = {.when = network_of(o).starts_with("resnet"),
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

void describe_tokens(Keys& keys, TransformerOptions& o, const KeyRules& rules) {
  KeyRules least = rules, share = rules;
  least.min = share.min = 0;
  share.max = 1;
  keys.value("window", o.window,
             "tokens, itself in the middle, that each token sees before the attention of each "
             "block; odd, or 0 for none",
             least);
  if (o.window > 0 && o.window % 2 == 0) keys.reject("window", "must be odd, or 0");
  keys.value("word_dropout", o.word_dropout,
             "share of tokens that are read as unknown while training", share);
  if (o.word_dropout >= 1.0) keys.reject("word_dropout", "must be below 1");
  keys.value("word_dropout_from", o.word_dropout_from,
             "the first token that word_dropout may take: with tokens in the order of their "
             "frequency it takes rare ones alone, as unknown ones are",
             least);
  keys.value("unknown", o.unknown, "token that stands for all that are not known", least);
  keys.value("padding", o.padding,
             "token that fills rows up and takes no part; default: the file's ignore_value, else 0",
             rules);
}

void describe_transformer(Keys& keys, TransformerOptions& o, bool chosen) {
  const KeyRules rules = {.when = chosen, .when_text = "kind: transformer"};
  KeyRules positive = rules, least = rules, two = rules;
  positive.min = 1;
  least.min = 0;
  two.min = 2;
  keys.value("vocabulary", o.vocabulary,
             "number of tokens, which are 0 to vocabulary - 1; default: the attribute vocabulary "
             "of the input",
             two);
  keys.value("width", o.width, "numbers of a token, and of the features", positive);
  keys.value("layers", o.layers, "blocks of attention and feed-forward", positive);
  keys.value("heads", o.heads, "heads of attention, which share the width", positive);
  if (o.width % std::max<int64_t>(o.heads, 1) != 0)
    keys.reject("heads", fmt::format("{} heads do not divide a width of {}", o.heads, o.width));
  keys.value("feedforward", o.feedforward,
             "width of the hidden layer of each block; 0: 4 times the width", least);
  keys.value("max_length", o.max_length,
             "positions that are learned, at least the tokens of a row; default: these", positive);
  keys.value("patch", o.patch, "images: pixels along a side of what becomes one token", positive);
  keys.choice("pooling", o.pooling, {"mean", "cls"},
              "the features: the mean of all tokens, or what became of a learned one in front",
              rules);
  describe_tokens(keys, o, rules);
}

}  // namespace

std::vector<std::string> trunk_kinds() {
  std::vector<std::string> names;
  for (const auto& [name, make] : kKinds) names.emplace_back(name);
  return names;
}

std::vector<std::string> network_kinds() {
  std::vector<std::string> names = trunk_kinds();
  std::erase_if(names,
                [](const std::string& kind) { return has_experts(kind) || kind == "torchscript"; });
  return names;
}

bool has_experts(const std::string& kind) {
  return kind == "mmoe" || kind == "cgc" || kind == "ple";
}

void describe(Keys& keys, TrunkOptions& o) {
  keys.choice("kind", o.kind, trunk_kinds(), "the shared model that all tasks read");
  describe_experts(keys, o);
  describe_layers(keys, o);
}

void describe_layers(Keys& keys, TrunkOptions& o) {
  const std::string& kind = network_of(o);
  const bool mlp = kind == "mlp", convnet = kind == "convnet", conv = kind == "conv";
  const bool transformer = kind == "transformer";
  const bool drops =
      kind != "none" && kind != "table" && kind != "identity" && kind != "torchscript" && !conv;
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
              {.when = mlp || convnet || conv || transformer,
               .when_text = "kind: mlp, convnet or transformer"});
  keys.value("linear_output", o.linear_output,
             "no norm, activation and dropout behind the last layer: features of either sign, as "
             "the bottleneck of an autoencoder wants them",
             {.when = mlp, .when_text = "kind: mlp"});
  keys.value(
      "dropout", o.dropout,
      "share of elements zeroed while training: after each layer (mlp), of the features "
      "(convnet, resnet), of whole channels (lenet), of tokens after the embedding, each sublayer "
      "and the last norm (transformer)",
      {.min = 0, .max = 1, .when = drops, .when_text = "a kind of trunk"});
  if (o.dropout >= 1.0) keys.reject("dropout", "must be below 1");
  describe_resnet(keys, o);
  describe_transformer(keys, o.transformer, transformer);
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
