// Memory of one rank that the other ranks of its node can read.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace trunkline {

/// One block of shared memory per rank of a node, mapped by all of them. POSIX shared memory whose
/// names are removed as soon as everybody has mapped it: nothing is left behind, however the ranks
/// end.
class NodeMemory {
 public:
  /// Collective over the node. The blocks are zero. @param bytes the same on every rank, > 0
  /// @return nullptr on every rank where one of them could not have its block (no space in
  /// /dev/shm, none at all)
  static std::unique_ptr<NodeMemory> create(MPI_Comm node, std::size_t bytes);
  ~NodeMemory();
  NodeMemory(const NodeMemory&) = delete;
  NodeMemory& operator=(const NodeMemory&) = delete;

  std::byte* block(int rank) const { return static_cast<std::byte*>(blocks_[rank]); }
  std::size_t bytes() const { return bytes_; }

 private:
  explicit NodeMemory(std::size_t bytes) : bytes_(bytes) {}

  std::size_t bytes_;
  std::vector<void*> blocks_;  ///< per rank of the node; null where it could not be mapped
};

}  // namespace trunkline
