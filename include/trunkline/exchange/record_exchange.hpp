// The all-gather at the end of a step (c4), from which all ranks decide alike.
#pragma once

#include "trunkline/comm/comm_queue.hpp"
#include "trunkline/comm/communicator.hpp"
#include "trunkline/core/step_record.hpp"

namespace trunkline {

/// Collective: gathers every rank's part and sums in rank order. @throws CommunicationError
StepRecord gather_record(const RankRecord& mine, Communicator& world, CommQueue& queue);

}  // namespace trunkline
