#include "trunkline/train/step_action.hpp"

#include "trunkline/core/error.hpp"
#include "trunkline/train/evaluator.hpp"

namespace trunkline {

bool StepAction::takes(int64_t) const { return false; }

TakenStep StepAction::gradients(int64_t) {
  throw BugError(name() + ": takes a step, but has no gradients");
}

std::vector<TaskMetrics> StepAction::evaluate() { return {}; }

std::vector<NamedView> StepAction::tensors() { return {}; }

}  // namespace trunkline
