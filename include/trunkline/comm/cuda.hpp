// GPUs: the one that a rank computes on, and how tensors on it reach other ranks.
#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// A device and the ranks that can be reached from it.
struct DeviceWorld {
  c10::Device device = c10::kCPU;
  std::unique_ptr<Communicator> world;  ///< for tensors on the CPU and on the device
};

/// GPUs that this process may use, at least one.
/// @throws UsageError where there is none, and always in a build without CUDA
int count_cuda_devices();

/// Gives this rank a GPU (see device_index) and all ranks of `host` a communicator for tensors on
/// them. It is "nccl", or "staged" where there is one rank or where ranks share a GPU, which NCCL
/// refuses: tensors then travel through pinned host memory and `host`. Tensors on the CPU always
/// go through `host`, of which the communicator is a duplicate. Collective.
/// @param backend "auto", "mpi" for staged in any case, "nccl" for that or an error
/// @throws UsageError as count_cuda_devices, and where NCCL is asked for and ranks share a GPU;
/// CommunicationError where NCCL cannot start
DeviceWorld open_cuda(Communicator& host, const std::string& backend = "auto");

}  // namespace trunkline
