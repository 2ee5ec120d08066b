#include "trunkline/train/device_ranks.hpp"

namespace trunkline {
namespace {

// Whether there are GPUs is agreed first: opening is collective.
DeviceWorld open(const std::string& device, Ranks& host, const std::string& backend) {
  DeviceWorld opened;
  if (device == "cpu") return opened;
  agree(host, [] { count_cuda_devices(); });
  host.queue.run([&] { opened = open_cuda(host.world, backend); });
  return opened;
}

}  // namespace

DeviceRanks::DeviceRanks(const std::string& device, Ranks& host, const std::string& backend)
    : opened_(open(device, host, backend)),
      ranks_{opened_.world ? *opened_.world : host.world, host.queue, opened_.device} {}

}  // namespace trunkline
