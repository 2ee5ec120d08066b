// What a build without CUDA says when it is asked for a GPU.
#include "trunkline/comm/cuda.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

int count_cuda_devices() {
  throw UsageError(
      "device cuda: this program was built without CUDA and NCCL; choose cpu, or build it with "
      "`cmake --preset cuda && cmake --build --preset cuda`");
}

DeviceWorld open_cuda(Communicator&, const std::string&) {
  count_cuda_devices();
  return {};
}

}  // namespace trunkline
