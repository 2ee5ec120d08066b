#include "trunkline/model/trunk_layers.hpp"

#include "trunkline/model/lora.hpp"

namespace trunkline {
namespace {

std::string without_last(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

// "layer2.1" of "layer2.1.shortcut.conv.weight": numbered blocks; empty for a layer by itself.
// Experts side by side are one layer with their gate: "layer0" of "layer0.expert3.linear1.weight".
std::string block_of(const std::string& parameter) {
  if (const std::size_t expert = parameter.find(".expert"); expert != std::string::npos)
    return parameter.substr(0, expert);
  std::string owner = without_last(without_last(parameter));
  while (!owner.empty() &&
         owner.find_first_of("0123456789", owner.rfind('.') + 1) == std::string::npos)
    owner = without_last(owner);
  return owner;
}

}  // namespace

std::vector<TrunkLayer> trunk_layers(const std::vector<ParameterSpec>& parameters) {
  std::vector<TrunkLayer> layers;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ParameterSpec& spec = parameters[i];
    const std::string block = is_adapter(spec.name) ? kAdapters : block_of(spec.name);
    const bool matrix = spec.shape.size() > 1;
    const bool opens = layers.empty() || (block.empty() ? matrix : layers.back().name != block);
    if (opens) layers.push_back({block.empty() ? without_last(spec.name) : block, i, i});
    layers.back().end = i + 1;
  }
  return layers;
}

}  // namespace trunkline
