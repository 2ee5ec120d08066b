// The task-specific model behind the trunk: hidden layers and an output layer on the features.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/model/dropout.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Linear layers of `options.widths`, each followed by ReLU and dropout, then the linear layer
/// "out". A pure function; safe from several threads.
class Head {
 public:
  /// @param task name, for keys of dropout and messages   @param trunk what it may read
  /// @throws UsageError for a width below 1 or a dropout outside [0, 1)
  Head(const std::string& task, const HeadOptions& options, const TrunkShape& trunk,
       int64_t outputs);

  const std::vector<ParameterSpec>& parameters() const { return specs_; }

  /// @return (n, outputs)
  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk, const Context& context) const;

 private:
  struct Hidden {
    Linear linear;
    Dropout dropout;
  };
  std::vector<Hidden> hidden_;
  Linear out_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace trunkline
