#include "trunkline/learn/step_actions.hpp"

namespace trunkline {

StepActions make_step_actions(TrainingSession&, const Logger&) { return {}; }

}  // namespace trunkline
