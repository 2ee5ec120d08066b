// The sums of gradients over ranks: the trunk over the world, heads and stems over their holders.
#pragma once

#include <memory>
#include <vector>

#include "trunkline/comm/comm_queue.hpp"
#include "trunkline/comm/communicator.hpp"
#include "trunkline/plan/plan.hpp"

namespace trunkline {

/// Sums flat gradients in place, in one piece each, through the communication queue. Parts that all
/// ranks hold lie beside the trunk and are summed with it. Collectives
/// leave in the order of the schedule (c2, then c3 by first task), whatever gradients exist: absent
/// ones are zeros. Used by the training thread.
class Reducer {
 public:
  /// Collective: splits the world into the holder sets of the plan.
  Reducer(Communicator& world, CommQueue& queue, const Plan& plan);

  /// Submits the sum over the world.
  void sum_world(at::Tensor gradient);

  /// Submits the sum of a holder set's gradients; a no-op on ranks outside of it, for sets of one
  /// rank and for the whole world.
  void sum_parts(std::size_t holder_set, at::Tensor gradient);

  /// Waits for everything submitted. @throws CommunicationError
  void wait();

 private:
  CommQueue& queue_;
  Communicator& world_;
  std::vector<std::unique_ptr<Communicator>> sets_;  ///< null where nothing is to be done
  std::vector<Work> pending_;
};

}  // namespace trunkline
