// What a task adds to a trunk with experts: gates and experts of its own.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/model/experts.hpp"

namespace trunkline {

/// Per layer j of the trunk, with z the input for the first and the mixture below for the others:
///
///   z = softmax(W z) · [own experts of z, shared experts of the trunk's layer j]
///
/// One layer without own experts is MMoE (Ma et al. 2018), with own ones CGC, several are PLE (Tang
/// et al. 2020). All of it belongs to the head and lives where the task does. A pure function; safe
/// from several threads.
class TaskExperts {
 public:
  /// Declares the parameters "layerJ.expertI.…" and "layerJ.gate.weight" of the head.
  /// @param own experts in each layer   @param trunk whose shape has experts
  TaskExperts(const std::string& task, int64_t own, const TrunkShape& trunk,
              std::vector<ParameterSpec>& specs);

  /// Adds the gate of each layer to context.gates. @param parameters of the head
  /// @return features (n, width)
  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk, const Context& context) const;

 private:
  struct Layer {
    Experts own;
    Gate gate;
  };
  int64_t shared_;  // experts of each of the trunk's layers
  std::vector<Layer> layers_;
};

/// Those of a head. @param own `tasks.T.head.experts`   @return nothing for a trunk without experts
/// @throws UsageError where own experts are wanted that the trunk does not go with
std::optional<TaskExperts> make_task_experts(const std::string& task, const Optional<int64_t>& own,
                                             const TrunkShape& trunk,
                                             std::vector<ParameterSpec>& specs);

}  // namespace trunkline
