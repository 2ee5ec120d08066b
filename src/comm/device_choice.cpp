#include "trunkline/comm/device_choice.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

#include "trunkline/core/host.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {

// Names alone may be the same in containers on different machines.
uint64_t host_key() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  return name_key(host_name() + "/" + boot);
}

int local_rank(std::span<const uint64_t> hosts, int rank) {
  const auto own = hosts.begin() + rank;
  return static_cast<int>(std::count(hosts.begin(), own, *own));
}

int device_index(int local_rank, int devices) { return local_rank % devices; }

bool share_a_device(std::span<const uint64_t> devices) {
  return std::set<uint64_t>(devices.begin(), devices.end()).size() < devices.size();
}

}  // namespace trunkline
