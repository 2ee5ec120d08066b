// The communicator over MPI.
#pragma once

#include <mpi.h>

#include <functional>
#include <optional>

#include "node_all_reduce.hpp"
#include "ring_all_reduce.hpp"
#include "trunkline/comm/arguments.hpp"
#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// Every call is one MPI collective, except that what exceeds `most_elements` (MPI counts are
/// int) is cut: reductions and broadcasts into pieces, gathers into one broadcast per rank,
/// scatters into one reduction per rank. The cut depends on sizes alone, so sums keep their bits.
/// Sums of floating point go through shared memory within a host (NodeAllReduce), where they lie in
/// it, and around a ring between hosts (RingAllReduce).
class MpiCommunicator final : public Communicator {
 public:
  /// Takes over comm and frees it. Collective over comm.
  /// @param apart as if every rank were on a host of its own
  MpiCommunicator(MPI_Comm comm, int64_t most_elements, bool apart = false);
  ~MpiCommunicator() override;
  MpiCommunicator(const MpiCommunicator&) = delete;
  MpiCommunicator& operator=(const MpiCommunicator&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  std::string backend() const override { return "mpi"; }

  at::Tensor allocate(int64_t elements, c10::ScalarType type) override;
  void all_reduce(at::Tensor& tensor, ReduceOp op) override;
  void broadcast(at::Tensor& tensor, int root) override;
  void all_gather(at::Tensor& output, const at::Tensor& input) override;
  void all_gather_v(at::Tensor& output, const at::Tensor& input,
                    std::span<const int64_t> counts) override;
  void reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) override;
  void all_to_all(at::Tensor& output, const at::Tensor& input) override;
  void all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                    const at::Tensor& input, std::span<const int64_t> send_counts) override;
  void barrier() override;
  std::unique_ptr<Communicator> split(int color, int key) override;
  [[noreturn]] void abort(int code) override;

 private:
  CallSite call(const char* collective) const { return {collective, rank_, size_}; }
  bool fits(int64_t elements) const { return elements <= most_elements_; }

  /// Calls post(first element, count) for each piece of so many elements.
  void in_pieces(int64_t elements, const std::function<void(int64_t, int)>& post) const;

  void broadcast_parts(const CallSite& call, at::Tensor& output, const at::Tensor& input,
                       std::span<const int64_t> counts);
  /// Whether tensor was summed around the ring between hosts.
  bool sum_between_hosts(at::Tensor& tensor);
  void reduce_parts(const CallSite& call, at::Tensor& output, const at::Tensor& input, ReduceOp op);

  MPI_Comm comm_;
  int64_t most_elements_;
  int rank_ = 0;
  int size_ = 1;
  bool apart_;
  std::optional<RingAllReduce> ring_;    ///< where there are several hosts
  bool asked_ = false;                   ///< whether `node_` was looked for
  std::unique_ptr<NodeAllReduce> node_;  ///< null where no node has several ranks
};

}  // namespace trunkline
