// The sum over ranks of tensors that lie in shared memory of their nodes.
#pragma once

#include <ATen/core/TensorBody.h>
#include <mpi.h>

#include <memory>
#include <optional>
#include <vector>

#include "node_memory.hpp"
#include "ring_all_reduce.hpp"

namespace trunkline {

/// Hierarchical all-reduce: rank p of a node sums slice p of all blocks of the node, in rank order,
/// straight out of its peers' memory; the slices are summed over nodes, each with the ranks of the
/// same place on other nodes; then every rank copies its peers' slices.
///
/// On one node of P ranks each rank reads 2d(P-1)/P + d/P elements and sends nothing; over nodes
/// it sends 2 (d/P) (N-1)/N. Sums are the same bits on every rank. Nodes must have equal numbers of
/// ranks.
class NodeAllReduce {
 public:
  /// Collective over world. @return nullptr on every rank where no node has two ranks, or nodes
  /// differ in their number of ranks
  static std::unique_ptr<NodeAllReduce> create(MPI_Comm world);
  ~NodeAllReduce();
  NodeAllReduce(const NodeAllReduce&) = delete;
  NodeAllReduce& operator=(const NodeAllReduce&) = delete;

  /// Zeros, 1-D, in memory that sum() is fast on; undefined on every rank where there is none to be
  /// had. Collective over world.
  at::Tensor allocate(int64_t elements, c10::ScalarType type);

  /// Sums in place if the tensor (float32 or float64, contiguous, at the same place on all ranks)
  /// lies in memory from allocate(); false if it does not. Collective over world.
  bool sum(at::Tensor& tensor);

 private:
  struct Found {
    const NodeMemory* memory;
    std::size_t offset;  ///< bytes from the begin of the block
  };
  NodeAllReduce() = default;
  std::optional<Found> find(const at::Tensor& tensor) const;
  template <class T>
  void sum_as(const Found& found, int64_t elements);

  MPI_Comm node_ = MPI_COMM_NULL;                    ///< ranks of this node
  MPI_Comm across_ = MPI_COMM_NULL;                  ///< ranks of the same place on all nodes
  int rank_ = 0, size_ = 1;                          ///< in the node
  std::optional<RingAllReduce> between_;             ///< over `across_`
  std::vector<std::weak_ptr<NodeMemory>> memories_;  ///< owned by the tensors
};

}  // namespace trunkline
