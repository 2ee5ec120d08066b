// The checks of arguments that every backend makes before it communicates.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// Who calls which collective; error messages begin with it.
struct CallSite {
  const char* collective;
  int rank;
  int size;
  c10::DeviceType device = c10::kCPU;  ///< where the tensors must lie

  std::string text() const;  ///< "all_reduce on rank 2 of 4"
};

// Each throws CommunicationError, naming collective, rank and what was expected and found, unless
// the tensors are defined, contiguous, on the call's device, of one supported type and of fitting
// sizes.
// Supported are float32, float64, int64, int32 and uint8; bool too, except in sums. Input and
// output may share memory only where input is this rank's own part of a gathered output.

void check_all_reduce(const CallSite& call, const at::Tensor& tensor, ReduceOp op);
void check_broadcast(const CallSite& call, const at::Tensor& tensor, int root);
void check_all_gather(const CallSite& call, const at::Tensor& output, const at::Tensor& input);
void check_all_gather_v(const CallSite& call, const at::Tensor& output, const at::Tensor& input,
                        std::span<const int64_t> counts);
void check_reduce_scatter(const CallSite& call, const at::Tensor& output, const at::Tensor& input,
                          ReduceOp op);
void check_all_to_all(const CallSite& call, const at::Tensor& output, const at::Tensor& input);
void check_all_to_all_v(const CallSite& call, const at::Tensor& output,
                        std::span<const int64_t> receive_counts, const at::Tensor& input,
                        std::span<const int64_t> send_counts);

/// Where each part begins, in elements: the sums of the counts before it.
std::vector<int64_t> offsets_of(std::span<const int64_t> counts);

}  // namespace trunkline
