#include "trunkline/model/dense_head.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/model/image_shape.hpp"

namespace trunkline {
namespace {

at::Tensor activated(const Conv2d& conv, Parameters parameters, const at::Tensor& x) {
  return activate(Activation::kRelu, conv.forward(parameters, x));
}

// The corners of both grids lie on top of each other, as edges of images do.
at::Tensor resized(const at::Tensor& x, const std::array<int64_t, 2>& size) {
  if (x.sizes().slice(2) == at::IntArrayRef(size)) return x;
  return at::upsample_bilinear2d(x, size, /*align_corners=*/false);
}

void check_options(const std::string& task, const HeadOptions& options, const TrunkShape& trunk) {
  check<UsageError>(trunk.maps.size() == 3,
                    "tasks.{}.kind: a task that predicts per pixel needs a trunk that gives maps; "
                    "use trunk.kind: convnet, lenet, resnet18 or resnet34",
                    task);
  check<UsageError>(
      options.widths.empty() && options.dropout == 0.0 && !options.experts && options.adapter == 0,
      "tasks.{}.head: a task that predicts per pixel has channels and skip alone; "
      "leave the other keys out",
      task);
  for (const int64_t channels : options.channels)
    check<UsageError>(channels >= 1, "tasks.{}.head.channels: {} is below 1", task, channels);
}

}  // namespace

DenseHead::DenseHead(const std::string& task, const HeadOptions& options, const TrunkShape& trunk,
                     std::array<int64_t, 2> size, int64_t outputs)
    : size_(size) {
  check_options(task, options, trunk);
  channels_ = trunk.maps[0];
  reached_ = {trunk.maps[1], trunk.maps[2]};
  for (const int64_t channels : options.channels) add_stage(channels);
  if (options.skip) {
    const int64_t input = image_shape(trunk.input, "tasks." + task, "head.skip").channels;
    join_ = Conv2d{"join", channels_ + input, channels_, /*kernel=*/3, /*padding=*/1};
    join_->declare(specs_);
  }
  out_ = Conv2d{"out", channels_, outputs, /*kernel=*/1};
  out_.declare(specs_);
}

void DenseHead::add_stage(int64_t channels) {
  for (std::size_t axis : {0, 1}) reached_[axis] = std::min(2 * reached_[axis], size_[axis]);
  Stage stage{{"conv" + std::to_string(stages_.size()), channels_, channels, /*kernel=*/3,
               /*padding=*/1},
              reached_};
  stage.conv.declare(specs_);
  stages_.push_back(std::move(stage));
  channels_ = channels;
}

at::Tensor DenseHead::forward(Parameters parameters, const TrunkOutput& trunk) const {
  at::Tensor h = trunk.maps;
  for (const Stage& stage : stages_)
    h = activated(stage.conv, parameters, at::upsample_nearest2d(h, stage.size));
  h = resized(h, size_);
  if (join_)
    h = activated(*join_, parameters, at::cat({h, resized(with_channels(trunk.input), size_)}, 1));
  return out_.forward(parameters, h);
}

}  // namespace trunkline
