// The collectives that trunkline needs, on tensors, independent of what carries them.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace trunkline {

enum class ReduceOp { kSum, kMin, kMax };

/// A set of ranks that call the same collectives in the same order. All calls block, take
/// contiguous CPU tensors (float32, float64, int64, int32, uint8) and throw CommunicationError
/// naming rank and collective when another rank has failed or arguments do not fit. Backends of a
/// GPU take tensors of their device too, all of one call on the same side. Not thread-safe: one
/// thread per rank makes every call (see CommQueue).
///
/// Floating-point sums give the same bits on every rank, and the same bits each time for the same
/// ranks and sizes. What kMin and kMax make of NaN is undefined. bool travels like uint8 and is
/// reduced by kMin (all) and kMax (any) only.
class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual std::string backend() const = 0;  ///< "single", "mpi", "nccl", "staged", "threads"

  /// Zeros, 1-D, where all_reduce(kSum) of the whole tensor or of a slice of it is fastest: for
  /// what is summed in every step. Lives as long as the tensor, which may outlive the communicator.
  /// Collective.
  virtual at::Tensor allocate(int64_t elements, c10::ScalarType type);

  /// In place. Empty tensors are allowed and still count as a call.
  virtual void all_reduce(at::Tensor& tensor, ReduceOp op = ReduceOp::kSum) = 0;

  /// In place: every rank ends with root's values.
  virtual void broadcast(at::Tensor& tensor, int root) = 0;

  /// output has size() times the elements of input; part r is rank r's input. Inputs are of equal
  /// size, and may be part rank() of output, in place; other inputs and outputs never share memory.
  virtual void all_gather(at::Tensor& output, const at::Tensor& input) = 0;

  /// As all_gather with counts[r] elements from rank r; output has their sum.
  virtual void all_gather_v(at::Tensor& output, const at::Tensor& input,
                            std::span<const int64_t> counts) = 0;

  /// input has size() times the elements of output; output is part rank() of the sum of inputs.
  virtual void reduce_scatter(at::Tensor& output, const at::Tensor& input,
                              ReduceOp op = ReduceOp::kSum) = 0;

  /// Part p of input goes to rank p; part p of output came from rank p. Equal parts.
  virtual void all_to_all(at::Tensor& output, const at::Tensor& input) = 0;

  /// As all_to_all, with send_counts[p] elements to rank p and receive_counts[p] from rank p,
  /// densely packed.
  virtual void all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                            const at::Tensor& input, std::span<const int64_t> send_counts) = 0;

  virtual void barrier() = 0;

  /// Ranks with the same color form a new communicator, ordered by key, then rank. Collective.
  /// @return nullptr where color is negative
  virtual std::unique_ptr<Communicator> split(int color, int key) = 0;

  /// Ends every rank of the job with this exit code, without waiting for anybody.
  [[noreturn]] virtual void abort(int code) = 0;
};

/// A world of one: collectives copy.
std::unique_ptr<Communicator> make_single_communicator();

}  // namespace trunkline
