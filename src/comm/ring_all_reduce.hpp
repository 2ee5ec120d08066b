// The sum over ranks that are on different hosts, as a ring of short messages.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trunkline {

/// Ring all-reduce (Patarasuk and Yuan, J. Parallel Distrib. Comput. 69, 2009): each rank sends
/// 2d(P-1)/P elements, the least there is. Blocks travel as segments that are short enough for
/// both directions of a link to be full at once, and each is sent on as soon as it is summed.
/// MPI_Allreduce of Open MPI over TCP sends long messages and then receives.
///
/// Block b is summed by ranks b, b + 1, … in this order, once, so all ranks get the same bits, each
/// time.
class RingAllReduce {
 public:
  /// @param ranks stays the caller's
  explicit RingAllReduce(MPI_Comm ranks);

  /// Sums in place. T is float or double. Collective over the ranks. What does not fill a segment
  /// per rank goes through MPI_Allreduce, whose trees have fewer steps.
  /// @throws CommunicationError
  template <class T>
  void sum(T* values, int64_t elements);

 private:
  MPI_Comm ranks_;
  int rank_ = 0, size_ = 1;
  std::vector<std::byte> inbox_;  ///< outlives receives that a failure leaves behind
};

}  // namespace trunkline
