#include "trunkline/learn/step_actions.hpp"

#include "cluster_action.hpp"
#include "trunkline/learn/meta_learning.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

StepActions make_step_actions(TrainingSession& training, const Logger& logger) {
  StepActions actions;
  add_cluster_actions(actions, training, logger);
  const Config& config = training.session().config;
  if (config.meta.given()) actions.push_back(std::make_unique<MetaLearning>(training, logger));
  return actions;
}

}  // namespace trunkline
