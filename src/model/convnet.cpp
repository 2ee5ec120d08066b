#include <algorithm>
#include <numeric>
#include <optional>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/image_shape.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

constexpr int64_t kGroups = 8;

struct Stage {
  Conv2d conv;
  std::optional<GroupNorm> norm;
};

class ConvNet final : public Trunk {
 public:
  ConvNet(const TrunkOptions& options, const std::vector<int64_t>& input_shape,
          const ImageShape& image, const std::string& key)
      : activation_(activation_named(options.activation)),
        dropout_{key + ".dropout", options.dropout},
        shape_{image.channels, {image.channels, image.height, image.width}, input_shape} {
    for (const int64_t channels : options.channels) add(channels, options.norm == "group");
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override {
    at::Tensor maps = with_channels(x);
    for (const Stage& stage : stages_) {
      maps = stage.conv.forward(parameters, maps);
      if (stage.norm) maps = stage.norm->forward(parameters, maps);
      maps = max_pool(activate(activation_, maps), 2);
    }
    return {dropout_.forward(global_average_pool(maps), context), maps, x};
  }

 private:
  void add(int64_t channels, bool norm) {
    const std::string number = std::to_string(stages_.size());
    Stage stage{{"conv" + number, shape_.width, channels, /*kernel=*/3, /*padding=*/1}, {}};
    stage.conv.declare(specs_);
    if (norm) {
      stage.norm = GroupNorm{"norm" + number, channels, std::gcd(channels, kGroups)};
      stage.norm->declare(specs_);
    }
    stages_.push_back(std::move(stage));
    shape_.width = channels;
    shape_.maps = {channels, shape_.maps[1] / 2, shape_.maps[2] / 2};
  }

  Activation activation_;
  Dropout dropout_;
  TrunkShape shape_;  // while stages are added, that of the last one
  std::vector<Stage> stages_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::unique_ptr<Trunk> make_convnet(const TrunkOptions& options,
                                    const std::vector<int64_t>& input_shape,
                                    const std::string& key) {
  const ImageShape image = image_shape(input_shape, key, "convnet");
  check<UsageError>(!options.channels.empty(),
                    "{}.channels: empty; a convnet has at least one stage", key);
  for (const int64_t channels : options.channels)
    check<UsageError>(channels >= 1, "{}.channels: {} is below 1", key, channels);
  check<UsageError>(options.norm == "none" || options.norm == "group",
                    "{}.norm: \"{}\" does not go with kind: convnet, which knows none and group",
                    key, options.norm);
  const auto stages = options.channels.size();
  check<UsageError>(std::min(image.height, image.width) >> stages >= 1,
                    "{}.channels: {} stages halve an image of {}x{} pixels to nothing; name "
                    "fewer",
                    key, stages, image.height, image.width);
  return std::make_unique<ConvNet>(options, input_shape, image, key);
}

}  // namespace trunkline
