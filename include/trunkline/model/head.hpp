// The task-specific model behind the trunk: what a task adds to the features, hidden layers and an
// output layer.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/model/adapter.hpp"
#include "trunkline/model/dropout.hpp"
#include "trunkline/model/layers.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/task_experts.hpp"

namespace trunkline {

/// The mixture of experts where the trunk has some, else its features; the adapter; linear layers
/// of `options.widths`, each followed by ReLU and dropout; the linear layer "out". A pure function;
/// safe from several threads.
class Head {
 public:
  /// @param task name, for keys of dropout and messages   @param trunk what it may read
  /// @throws UsageError for a width below 1, a dropout outside [0, 1), or own experts that the
  /// trunk does not go with
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
  std::optional<TaskExperts> experts_;
  std::optional<Adapter> adapter_;
  std::vector<Hidden> hidden_;
  Linear out_;
  std::vector<ParameterSpec> specs_;
};

}  // namespace trunkline
