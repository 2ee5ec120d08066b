#include "trunkline/model/task_experts.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/ops/cat.h>

#include "trunkline/core/error.hpp"

namespace trunkline {

TaskExperts::TaskExperts(const std::string& task, int64_t own, const TrunkShape& trunk,
                         std::vector<ParameterSpec>& specs)
    : shared_(trunk.experts->experts) {
  std::vector<int64_t> reads = trunk.input;
  for (int64_t j = 0; j < expert_layers(*trunk.experts); ++j) {
    const std::string name = "layer" + std::to_string(j);
    Experts experts(*trunk.experts, reads, own, "heads." + task, name, specs);
    layers_.push_back({std::move(experts), Gate(name, row_elements(reads), own + shared_, specs)});
    reads = {trunk.width};
  }
}

at::Tensor TaskExperts::forward(Parameters parameters, const TrunkOutput& trunk,
                                const Context& context) const {
  at::Tensor z = trunk.input;
  for (std::size_t j = 0; j < layers_.size(); ++j) {
    const Layer& layer = layers_[j];
    at::Tensor experts = trunk.experts.narrow(1, static_cast<int64_t>(j) * shared_, shared_);
    if (!layer.own.empty())
      experts = at::cat({layer.own.forward(parameters, z, context), experts}, 1);
    const at::Tensor gate = layer.gate.forward(parameters, z);
    if (context.gates != nullptr) context.gates->push_back(gate);
    z = mix(gate, experts);
  }
  return z;
}

std::optional<TaskExperts> make_task_experts(const std::string& task, const Optional<int64_t>& own,
                                             const TrunkShape& trunk,
                                             std::vector<ParameterSpec>& specs) {
  const std::string key = "tasks." + task + ".head.experts";
  if (!trunk.experts) {
    check<UsageError>(own.value_or(0) == 0,
                      "{}: {}, but the trunk has no experts; set trunk.kind to cgc or ple, or "
                      "leave the key out",
                      key, *own);
    return std::nullopt;
  }
  const bool shared_alone = trunk.experts->kind == "mmoe";
  check<UsageError>(!shared_alone || own.value_or(0) == 0,
                    "{}: {}, but trunk.kind: mmoe mixes shared experts alone; take cgc or ple, or "
                    "leave the key out",
                    key, own.value_or(0));
  check<UsageError>(own.value_or(0) >= 0, "{}: {} is below 0", key, own.value_or(0));
  return TaskExperts(task, own.value_or(shared_alone ? 0 : 1), trunk, specs);
}

}  // namespace trunkline
