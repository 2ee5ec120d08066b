// The sums of gradients over ranks: the trunk over the world, heads and stems over their holders.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/comm/comm_queue.hpp"
#include "trunkline/comm/communicator.hpp"
#include "trunkline/core/keys.hpp"
#include "trunkline/exchange/buckets.hpp"
#include "trunkline/plan/plan.hpp"

namespace trunkline {

/// `comm:` of the config.
struct CommOptions {
  std::string backend = "auto";  ///< auto | mpi | nccl
  std::string overlap = "auto";  ///< auto | on | off
  double bucket_mib = 4.0;       ///< least size of a bucket
};
void describe(Keys& keys, CommOptions& options);

/// Sums flat gradients in place through the communication queue: that of the world, which is the
/// trunk's and that of all parts that every rank holds, in one piece or in buckets that leave while
/// backward is running; the others in one piece each. Collectives leave in the order of the
/// schedule (c2, then c3 by first task), whatever gradients exist: absent ones are zeros. Used by
/// the training thread.
class Reducer {
 public:
  /// Collective: splits the world into the holder sets of the plan.
  Reducer(Communicator& world, CommQueue& queue, const Plan& plan);

  /// From now on in buckets, or, with no entries, in one piece. Equal on all ranks.
  void overlap(const at::Tensor& gradient, std::vector<BucketEntry> entries,
               int64_t bucket_elements);
  /// The next backward is the last of this step: what it completes may leave.
  void last_backward();

  /// Submits the sum over the world, or what is left of it.
  void sum_world(const at::Tensor& gradient);

  /// Submits the sum of a holder set's gradients; a no-op on ranks outside of it, for sets of one
  /// rank and for the whole world.
  void sum_parts(std::size_t holder_set, at::Tensor gradient);

  /// Waits for everything submitted. @throws CommunicationError
  void wait();

 private:
  void submit_world(at::Tensor part);

  CommQueue& queue_;
  Communicator& world_;
  std::vector<std::unique_ptr<Communicator>> sets_;  ///< null where nothing is to be done
  std::unique_ptr<Buckets> buckets_;                 ///< null: in one piece
  std::vector<Work> pending_;
};

}  // namespace trunkline
