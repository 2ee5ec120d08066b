#include "trunkline/train/device_ranks.hpp"

namespace trunkline {
namespace {

// Whether there are GPUs is agreed first: opening is collective.
DeviceWorld open(const std::string& device, Ranks& host) {
  DeviceWorld opened;
  if (device == "cpu") return opened;
  agree(host, [] { count_cuda_devices(); });
  host.queue.run([&] { opened = open_cuda(host.world); });
  return opened;
}

}  // namespace

DeviceRanks::DeviceRanks(const std::string& device, Ranks& host)
    : opened_(open(device, host)),
      ranks_{opened_.world ? *opened_.world : host.world, host.queue, opened_.device} {}

}  // namespace trunkline
