#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/ops/cat.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/experts.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

// Layer j reads what the gate below it makes of the experts there; the first reads the input.
struct Layer {
  Experts experts;
  Gate gate;  // not of the last layer
};

class ExpertTrunk final : public Trunk {
 public:
  ExpertTrunk(const TrunkOptions& options, const std::vector<int64_t>& input_shape, int64_t width,
              const std::string& key)
      : shape_{.width = width, .input = input_shape, .experts = options} {
    const int64_t count = expert_layers(options);
    std::vector<int64_t> reads = input_shape;
    for (int64_t j = 0; j < count; ++j) {
      const std::string name = "layer" + std::to_string(j);
      Layer layer{Experts(options, reads, options.experts, key, name, specs_), {}};
      if (j + 1 < count) layer.gate = Gate(name, row_elements(reads), options.experts, specs_);
      layers_.push_back(std::move(layer));
      reads = {width};
    }
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override {
    std::vector<at::Tensor> experts;
    at::Tensor z = x;
    for (const Layer& layer : layers_) {
      experts.push_back(layer.experts.forward(parameters, z, context));
      if (&layer != &layers_.back()) z = mix(layer.gate.forward(parameters, z), experts.back());
    }
    return {
        .features = experts.back().mean(1), .maps = {}, .input = x, .experts = at::cat(experts, 1)};
  }

 private:
  TrunkShape shape_;
  std::vector<Layer> layers_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::unique_ptr<Trunk> make_experts(const TrunkOptions& options,
                                    const std::vector<int64_t>& input_shape,
                                    const std::string& key) {
  check<UsageError>(options.experts >= 1, "{}.experts: {}; a trunk with experts has at least one",
                    key, options.experts);
  const int64_t layers = expert_layers(options);
  check<UsageError>(layers >= 1, "{}.expert_layers: {} is below 1", key, layers);
  check<UsageError>(options.shared_gate == "shared", "{}.shared_gate: \"{}\"; expected shared", key,
                    options.shared_gate);
  const TrunkOptions one = expert_options(options, key);
  check<UsageError>(layers == 1 || options.expert == "mlp",
                    "{}.expert_layers: {}, but layers behind the first read vectors, not images; "
                    "take expert: mlp or expert_layers: 1",
                    key, layers);
  const int64_t width =
      make_trunk(one, input_shape, key)->shape().width;  // speaks of the user's keys
  return std::make_unique<ExpertTrunk>(options, input_shape, width, key);
}

}  // namespace trunkline
