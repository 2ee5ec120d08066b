// The step actions of this room that a config asks for.
#pragma once

#include "trunkline/train/step_action.hpp"

namespace trunkline {

/// A StepActionsMaker: one action for each thing that the session's config wants done around its
/// steps, in a fixed order. They keep references to the session.
StepActions make_step_actions(TrainingSession& training, const Logger& logger);

}  // namespace trunkline
