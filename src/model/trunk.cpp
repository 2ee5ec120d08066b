#include "trunkline/model/trunk.hpp"

#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

using Maker = std::unique_ptr<Trunk> (*)(const TrunkOptions&, const std::vector<int64_t>&);

constexpr std::array<std::pair<const char*, Maker>, 3> kKinds = {
    {{"mlp", make_mlp}, {"convnet", make_convnet}, {"lenet", make_lenet}}};

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& [name, make] : kKinds) names.emplace_back(name);
  return names;
}

}  // namespace

void describe(Keys& keys, TrunkOptions& o) {
  keys.choice("kind", o.kind, kind_names(), "the shared model that all tasks read");
  keys.value("widths", o.widths, "width of each layer, the last one that of the features",
             {.min = 1, .when = o.kind == "mlp", .when_text = "kind: mlp"});
  keys.value("channels", o.channels, "channels of each stage, which halves height and width",
             {.min = 1, .when = o.kind == "convnet", .when_text = "kind: convnet"});
  const KeyRules free_form = {.when = o.kind != "lenet", .when_text = "kind: mlp or convnet"};
  keys.choice("norm", o.norm, {"none", "layer", "group"},
              "normalisation in each layer: layer for an mlp, group for a convnet", free_form);
  if (o.kind == "mlp" && o.norm == "group") keys.reject("norm", "an mlp knows none and layer");
  if (o.kind == "convnet" && o.norm == "layer")
    keys.reject("norm", "a convnet knows none and group");
  keys.choice("activation", o.activation, {"relu", "gelu", "silu", "tanh"},
              "function between layers", free_form);
  keys.value("dropout", o.dropout,
             "share of elements zeroed while training: after each layer (mlp), of the features "
             "(convnet), of whole channels (lenet)",
             {.min = 0, .max = 1});
  if (o.dropout >= 1.0) keys.reject("dropout", "must be below 1");
}

std::unique_ptr<Trunk> make_trunk(const TrunkOptions& options,
                                  const std::vector<int64_t>& input_shape) {
  check_dropout(options.dropout, "trunk.dropout");
  for (const auto& [name, make] : kKinds)
    if (name == options.kind) return make(options, input_shape);
  throw UsageError(
      fmt::format("trunk.kind: \"{}\" is none of {}", options.kind, fmt::join(kind_names(), ", ")));
}

}  // namespace trunkline
