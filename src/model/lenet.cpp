#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/image_shape.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

constexpr int64_t kSmallest = 16;  // the second pooling still leaves one pixel

// Extent after a 5x5 convolution and pooling by 2, twice.
int64_t pooled(int64_t extent) { return ((extent - 4) / 2 - 4) / 2; }

class LeNet final : public Trunk {
 public:
  LeNet(double dropout, const std::vector<int64_t>& input_shape, const ImageShape& image,
        const std::string& key)
      : conv1_{"conv1", image.channels, 10, 5},
        conv2_{"conv2", 10, 20, 5},
        dropout_{key + ".dropout", dropout, Dropout::Unit::kChannel},
        fc_{"fc", 20 * pooled(image.height) * pooled(image.width), 50},
        shape_{fc_.out, {20, pooled(image.height), pooled(image.width)}, input_shape} {
    conv1_.declare(specs_);
    conv2_.declare(specs_);
    fc_.declare(specs_);
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override {
    const at::Tensor low = relu(max_pool(conv1_.forward(parameters, with_channels(x)), 2));
    const at::Tensor dropped = dropout_.forward(conv2_.forward(parameters, low), context);
    const at::Tensor maps = relu(max_pool(dropped, 2));
    return {relu(fc_.forward(parameters, maps.flatten(1))), maps, x};
  }

 private:
  static at::Tensor relu(const at::Tensor& x) { return activate(Activation::kRelu, x); }

  Conv2d conv1_, conv2_;
  Dropout dropout_;
  Linear fc_;
  TrunkShape shape_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace

std::unique_ptr<Trunk> make_lenet(const TrunkOptions& options,
                                  const std::vector<int64_t>& input_shape, const std::string& key) {
  const ImageShape image = image_shape(input_shape, key, "lenet");
  check<UsageError>(std::min(image.height, image.width) >= kSmallest,
                    "{0}.kind: lenet needs images of {1}x{1} pixels or more, rows have {2}x{3}",
                    key, kSmallest, image.height, image.width);
  return std::make_unique<LeNet>(options.dropout, input_shape, image, key);
}

}  // namespace trunkline
