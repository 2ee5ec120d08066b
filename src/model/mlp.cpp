#include <functional>
#include <numeric>
#include <optional>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

struct Layer {
  Linear linear;
  std::optional<LayerNorm> norm;
  Dropout dropout;
  bool bare = false;  // nothing behind the linear layer
};

class Mlp final : public Trunk {
 public:
  Mlp(const TrunkOptions& options, const std::vector<int64_t>& input_shape, const std::string& key)
      : activation_(activation_named(options.activation)),
        shape_{std::accumulate(input_shape.begin(), input_shape.end(), int64_t{1},
                               std::multiplies<>()),
               {},
               input_shape} {
    for (std::size_t i = 0; i < options.widths.size(); ++i)
      add(options.widths[i], options, key, options.linear_output && i + 1 == options.widths.size());
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override {
    at::Tensor h = x.flatten(1);
    for (const Layer& layer : layers_) {
      h = layer.linear.forward(parameters, h);
      if (layer.bare) continue;
      if (layer.norm) h = layer.norm->forward(parameters, h);
      h = layer.dropout.forward(activate(activation_, h), context);
    }
    return {h, {}, x};
  }

 private:
  void add(int64_t outputs, const TrunkOptions& options, const std::string& key, bool bare) {
    const std::string number = std::to_string(layers_.size());
    Layer layer{{"linear" + number, shape_.width, outputs},
                {},
                {key + ".dropout" + number, options.dropout},
                bare};
    layer.linear.declare(specs_);
    if (options.norm == "layer" && !bare) {
      layer.norm = LayerNorm{"norm" + number, outputs};
      layer.norm->declare(specs_);
    }
    layers_.push_back(std::move(layer));
    shape_.width = outputs;
  }

  Activation activation_;
  TrunkShape shape_;  // while layers are added, that of the last one
  std::vector<Layer> layers_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::unique_ptr<Trunk> make_mlp(const TrunkOptions& options,
                                const std::vector<int64_t>& input_shape, const std::string& key) {
  check<UsageError>(!options.widths.empty(), "{}.widths: empty; an mlp has at least one layer",
                    key);
  for (const int64_t width : options.widths)
    check<UsageError>(width >= 1, "{}.widths: {} is below 1", key, width);
  check<UsageError>(options.norm == "none" || options.norm == "layer",
                    "{}.norm: \"{}\" does not go with kind: mlp, which knows none and layer", key,
                    options.norm);
  return std::make_unique<Mlp>(options, input_shape, key);
}

}  // namespace trunkline
