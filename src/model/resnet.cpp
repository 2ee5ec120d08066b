#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "trunkline/core/error.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/image_shape.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk_kinds.hpp"

namespace trunkline {
namespace {

constexpr int64_t kLargeImage = 64;  // pixels of the shorter side from which the stem is 7x7

// Blocks of each stage (He et al. 2016, table 1).
constexpr std::array<int64_t, 4> kBlocks18 = {2, 2, 2, 2};
constexpr std::array<int64_t, 4> kBlocks34 = {3, 4, 6, 3};

at::Tensor relu(const at::Tensor& x) { return activate(Activation::kRelu, x); }

// A convolution without bias and the norm behind it, whose own bias takes that place.
struct NormedConv {
  Conv2d conv;
  GroupNorm norm;

  at::Tensor forward(Parameters parameters, const at::Tensor& x) const {
    return norm.forward(parameters, conv.forward(parameters, x));
  }
};

// The basic block of figure 5, left; the shortcut is a 1x1 convolution where shapes differ.
struct Block {
  NormedConv first, second;
  std::optional<NormedConv> shortcut;

  at::Tensor forward(Parameters parameters, const at::Tensor& x) const {
    const at::Tensor y = second.forward(parameters, relu(first.forward(parameters, x)));
    return relu(y.add(shortcut ? shortcut->forward(parameters, x) : x));
  }
};

class ResNet final : public Trunk {
 public:
  ResNet(const TrunkOptions& options, int64_t stem_kernel, const std::vector<int64_t>& input_shape,
         const ImageShape& image, const std::string& key)
      : groups_(options.groups),
        pooled_(stem_kernel == 7),
        dropout_{key + ".dropout", options.dropout},
        shape_{options.base_width, {options.base_width, image.height, image.width}, input_shape},
        stem_(normed("", "1", image.channels, options.base_width, stem_kernel, pooled_ ? 2 : 1)) {
    for (int i = 0; pooled_ && i < 2; ++i) halve_maps();  // the stem, and the pooling behind it
    const auto& blocks = options.kind == "resnet18" ? kBlocks18 : kBlocks34;
    for (std::size_t stage = 0; stage < blocks.size(); ++stage)
      for (int64_t b = 0; b < blocks[stage]; ++b)
        add(fmt::format("layer{}.{}.", stage + 1, b), options.base_width << stage,
            b == 0 && stage > 0 ? 2 : 1, options.zero_init_residual);
  }

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  const TrunkShape& shape() const override { return shape_; }

  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override {
    // Maps stay contiguous: channels last, which pays with batch normalisation, was 15 to 18 %
    // slower here on the CPU, forward and backward.
    at::Tensor maps = relu(stem_.forward(parameters, with_channels(x)));
    if (pooled_) maps = max_pool(maps, 3, 2, 1);
    for (const Block& block : blocks_) maps = block.forward(parameters, maps);
    return {dropout_.forward(global_average_pool(maps), context), maps, x};
  }

 private:
  NormedConv normed(const std::string& owner, const std::string& suffix, int64_t in, int64_t out,
                    int64_t kernel, int64_t stride, double scale = 1.0) {
    const double deviation = std::sqrt(2.0 / static_cast<double>(out * kernel * kernel));
    NormedConv layer{{.name = owner + "conv" + suffix,
                      .in = in,
                      .out = out,
                      .kernel = kernel,
                      .padding = kernel / 2,
                      .stride = stride,
                      .bias = false,
                      .init = Init{Init::Kind::kNormal, deviation}},
                     {.name = owner + "norm" + suffix,
                      .channels = out,
                      .groups = std::gcd(out, groups_),
                      .scale = scale}};
    layer.conv.declare(specs_);
    layer.norm.declare(specs_);
    return layer;
  }

  void add(const std::string& name, int64_t channels, int64_t stride, bool zero_init) {
    Block block{normed(name, "1", shape_.width, channels, 3, stride),
                normed(name, "2", channels, channels, 3, 1, zero_init ? 0.0 : 1.0),
                {}};
    if (stride != 1 || channels != shape_.width)
      block.shortcut = normed(name + "shortcut.", "", shape_.width, channels, 1, stride);
    blocks_.push_back(std::move(block));
    shape_.width = shape_.maps[0] = channels;
    if (stride == 2) halve_maps();
  }

  void halve_maps() {
    for (const std::size_t axis : {1, 2}) shape_.maps[axis] = (shape_.maps[axis] + 1) / 2;
  }

  int64_t groups_;
  bool pooled_;
  Dropout dropout_;
  TrunkShape shape_;  // while blocks are added, that of the last one
  std::vector<ParameterSpec> specs_;
  NormedConv stem_;
  std::vector<Block> blocks_;
};

int64_t stem_kernel_for(const TrunkOptions& options, const ImageShape& image,
                        const std::string& key) {
  const int64_t fitting = std::min(image.height, image.width) < kLargeImage ? 3 : 7;
  const int64_t kernel = options.stem_kernel.value_or(fitting);
  check<UsageError>(kernel == 3 || kernel == 7, "{}.stem_kernel: {} is neither 3 nor 7", key,
                    kernel);
  return kernel;
}

}  // namespace

std::unique_ptr<Trunk> make_resnet(const TrunkOptions& options,
                                   const std::vector<int64_t>& input_shape,
                                   const std::string& key) {
  const ImageShape image = image_shape(input_shape, key, options.kind);
  check<UsageError>(options.base_width >= 1, "{}.base_width: {} is below 1", key,
                    options.base_width);
  check<UsageError>(options.groups >= 1, "{}.groups: {} is below 1", key, options.groups);
  return std::make_unique<ResNet>(options, stem_kernel_for(options, image, key), input_shape, image,
                                  key);
}

}  // namespace trunkline
