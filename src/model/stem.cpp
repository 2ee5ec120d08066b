#include "trunkline/model/stem.hpp"

#include <ATen/ops/adaptive_avg_pool2d.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/image_shape.hpp"
#include "trunkline/model/layers.hpp"

namespace trunkline {
namespace {

class FeatureStem final : public Stem {
 public:
  explicit FeatureStem(std::unique_ptr<Trunk> network)
      : network_(std::move(network)), shape_{network_->shape().width} {}

  const std::vector<ParameterSpec>& parameters() const override { return network_->parameters(); }
  const std::vector<int64_t>& output_shape() const override { return shape_; }

  at::Tensor forward(Parameters parameters, const at::Tensor& x,
                     const Context& context) const override {
    return network_->forward(parameters, x, context).features;
  }

 private:
  std::unique_ptr<Trunk> network_;
  std::vector<int64_t> shape_;
};

class ConvStem final : public Stem {
 public:
  ConvStem(const StemOptions& options, const ImageShape& image)
      : activation_(activation_named(options.network.activation)),
        shape_{options.network.channels.back(), image.height, image.width} {
    if (!options.size.empty()) std::copy(options.size.begin(), options.size.end(), &shape_[1]);
    resized_ = shape_[1] != image.height || shape_[2] != image.width;
    int64_t inputs = image.channels;
    for (const int64_t channels : options.network.channels) {
      Conv2d conv{"conv" + std::to_string(convs_.size()), inputs, channels, 3, 1};
      conv.declare(specs_);
      convs_.push_back(std::move(conv));
      inputs = channels;
    }
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const std::vector<int64_t>& output_shape() const override { return shape_; }

  at::Tensor forward(Parameters parameters, const at::Tensor& x, const Context&) const override {
    at::Tensor maps = with_channels(x);
    for (const Conv2d& conv : convs_) maps = activate(activation_, conv.forward(parameters, maps));
    return resized_ ? at::adaptive_avg_pool2d(maps, {shape_[1], shape_[2]}) : maps;
  }

 private:
  Activation activation_;
  std::vector<int64_t> shape_;
  bool resized_ = false;
  std::vector<Conv2d> convs_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

void describe(Keys& keys, StemOptions& o) {
  std::vector<std::string> kinds = {"none", "conv"};
  for (const std::string& kind : trunk_kinds())
    if (kind != "torchscript") kinds.push_back(kind);
  keys.choice("kind", o.kind, kinds,
              "what this source's inputs go through before the trunk: a kind of trunk, whose "
              "features the shared trunk reads, or conv, which gives images");
  o.network.kind = o.kind;
  describe_layers(keys, o.network);
  keys.value("size", o.size, "height and width that images are averaged to",
             {.min = 1, .when = o.kind == "conv", .when_text = "kind: conv"});
  if (!o.size.empty() && o.size.size() != 2)
    keys.reject("size", "give two numbers, [height, width]");
}

std::unique_ptr<Stem> make_stem(const StemOptions& options, const std::string& source,
                                const std::vector<int64_t>& input_shape) {
  const std::string key = "sources." + source + ".stem";
  if (options.kind != "conv")
    return std::make_unique<FeatureStem>(make_trunk(options.network, input_shape, key));
  const ImageShape image = image_shape(input_shape, key, "conv");
  check<UsageError>(!options.network.channels.empty(), "{}.channels: empty; name at least one",
                    key);
  return std::make_unique<ConvStem>(options, image);
}

}  // namespace trunkline
