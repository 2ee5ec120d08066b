// The decoder of tasks that predict per pixel: from the maps of a trunk to the size of the label.
#pragma once

#include <ATen/core/TensorBody.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/model/layers.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Per entry of `options.channels` a stage: height and width doubled, at most to those of the label
/// (nearest), a 3x3 convolution and ReLU. Then bilinear to the size of the label; with
/// `options.skip` the trunk's input joins there, by one more 3x3 convolution and ReLU; last the 1x1
/// convolution "out". A pure function; safe from several threads.
class DenseHead {
 public:
  /// @param task name, for messages   @param size height and width of the label
  /// @throws UsageError where the trunk has no maps, for channels below 1, and for the keys of
  /// other heads
  DenseHead(const std::string& task, const HeadOptions& options, const TrunkShape& trunk,
            std::array<int64_t, 2> size, int64_t outputs);

  const std::vector<ParameterSpec>& parameters() const { return specs_; }

  /// @return (n, outputs, height, width)
  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk) const;

 private:
  struct Stage {
    Conv2d conv;
    std::array<int64_t, 2> size;  // that the convolution reads
  };
  void add_stage(int64_t channels);

  std::array<int64_t, 2> size_;
  int64_t channels_;                // while stages are added, of the last one
  std::array<int64_t, 2> reached_;  // and its size
  std::vector<Stage> stages_;
  std::optional<Conv2d> join_;
  Conv2d out_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace trunkline
