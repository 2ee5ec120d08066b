#include "trunkline/comm/cuda.hpp"

#include <ATen/ops/empty.h>
#include <c10/cuda/CUDAFunctions.h>

#include <string_view>
#include <vector>

#include "cuda_error.hpp"
#include "nccl_communicator.hpp"
#include "staged_communicator.hpp"
#include "trunkline/comm/device_choice.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

std::vector<uint64_t> gather_key(Communicator& host, uint64_t mine) {
  at::Tensor part = at::empty({1}, at::kLong), all = at::empty({host.size()}, at::kLong);
  *part.mutable_data_ptr<int64_t>() = static_cast<int64_t>(mine);
  host.all_gather(all, part);
  const int64_t* keys = all.const_data_ptr<int64_t>();
  return {keys, keys + host.size()};
}

// The same for all processes on a GPU, whatever number it has in each.
uint64_t device_key(int index) {
  cudaDeviceProp properties{};
  check_cuda(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  return name_key(std::string_view(properties.uuid.bytes, sizeof(properties.uuid.bytes)));
}

}  // namespace

int count_cuda_devices() {
  int devices = 0;
  const cudaError_t status = cudaGetDeviceCount(&devices);
  check<UsageError>(status == cudaSuccess && devices > 0,
                    "device cuda: no GPU can be used here ({}); choose cpu",
                    status == cudaSuccess ? "there is none" : cudaGetErrorString(status));
  return devices;
}

DeviceWorld open_cuda(Communicator& host, const std::string& backend) {
  const int devices = count_cuda_devices();
  const int index = device_index(local_rank(gather_key(host, host_key()), host.rank()), devices);
  const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
  c10::cuda::set_device(device.index());
  const bool shared = share_a_device(gather_key(host, device_key(index)));
  check<UsageError>(backend != "nccl" || !shared,
                    "comm.backend: nccl, but ranks share a GPU, which NCCL refuses; start as many "
                    "ranks as there are GPUs, or set comm.backend=auto");
  std::unique_ptr<Communicator> own = host.split(0, host.rank());
  if (shared || host.size() == 1 || backend == "mpi")
    return {device, std::make_unique<StagedCommunicator>(std::move(own), device)};
  return {device, std::make_unique<NcclCommunicator>(std::move(own), device)};
}

}  // namespace trunkline
