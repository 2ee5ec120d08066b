#include "trunkline/learn/step_actions.hpp"

#include "cluster_action.hpp"

namespace trunkline {

StepActions make_step_actions(TrainingSession& training, const Logger& logger) {
  StepActions actions;
  add_cluster_actions(actions, training, logger);
  return actions;
}

}  // namespace trunkline
