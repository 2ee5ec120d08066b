#include "trunkline/model/experts.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr double kGateDeviation = 0.01;

}  // namespace

Experts::Experts(const TrunkOptions& options, const std::vector<int64_t>& input_shape,
                 int64_t count, const std::string& owner, const std::string& name,
                 std::vector<ParameterSpec>& specs) {
  const TrunkOptions one = expert_options(options, owner);
  for (int64_t i = 0; i < count; ++i) {
    const std::string expert = fmt::format("{}.expert{}", name, i);
    Network network{make_trunk(one, input_shape, fmt::format("{}.{}", owner, expert)),
                    specs.size()};
    for (ParameterSpec spec : network.layers->parameters()) {
      spec.name = fmt::format("{}.{}", expert, spec.name);
      specs.push_back(std::move(spec));
    }
    networks_.push_back(std::move(network));
  }
}

at::Tensor Experts::forward(Parameters parameters, const at::Tensor& x,
                            const Context& context) const {
  std::vector<at::Tensor> outputs;
  for (const Network& network : networks_) {
    const Parameters own = parameters.subspan(network.first, network.layers->parameters().size());
    outputs.push_back(network.layers->forward(own, x, context).features);
  }
  return at::stack(outputs, 1);
}

Gate::Gate(const std::string& name, int64_t inputs, int64_t experts,
           std::vector<ParameterSpec>& specs)
    : linear_{name + ".gate", inputs, experts, /*bias=*/false,
              Init{Init::Kind::kNormal, kGateDeviation}} {
  linear_.declare(specs);
}

at::Tensor Gate::forward(Parameters parameters, const at::Tensor& x) const {
  const double scale = 1.0 / std::sqrt(static_cast<double>(linear_.in));
  return at::softmax(linear_.forward(parameters, x.reshape({-1, linear_.in})).mul(scale), 1);
}

at::Tensor mix(const at::Tensor& gate, const at::Tensor& experts) {
  return gate.unsqueeze(1).bmm(experts).squeeze(1);
}

TrunkOptions expert_options(const TrunkOptions& options, const std::string& key) {
  const std::vector<std::string> kinds = network_kinds();
  check<UsageError>(std::ranges::find(kinds, options.expert) != kinds.end(),
                    "{}.expert: \"{}\" is none of {}", key, options.expert, fmt::join(kinds, ", "));
  TrunkOptions one = options;
  one.kind = options.expert;
  return one;
}

int64_t expert_layers(const TrunkOptions& options) {
  return options.kind == "ple" ? options.expert_layers : 1;
}

int64_t row_elements(const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

}  // namespace trunkline
