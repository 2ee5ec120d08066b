#include "trunkline/plan/collective_schedule.hpp"

#include <numeric>

#include "trunkline/core/random.hpp"

namespace trunkline {

std::vector<Collective> make_collective_schedule(const Plan& plan, const ScheduleSizes& sizes) {
  std::vector<int> world(plan.world_size);
  std::iota(world.begin(), world.end(), 0);
  std::vector<Collective> schedule;
  schedule.push_back({"c0 counts", world, 2 * static_cast<int64_t>(plan.tasks)});
  schedule.push_back({"c2 trunk", world, sizes.world_elements});
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s)
    if (plan.holder_sets[s].ranks.size() > 1 && !plan.world_wide(s))
      schedule.push_back({"c3 parts", plan.holder_sets[s].ranks, sizes.set_elements[s]});
  schedule.push_back({"c4 record", world, sizes.record_elements});
  return schedule;
}

uint64_t hash_of(const std::vector<Collective>& schedule) {
  uint64_t hash = 0;
  for (const Collective& collective : schedule) {
    hash = key({hash, name_key(collective.name), static_cast<uint64_t>(collective.elements)});
    for (const int rank : collective.ranks) hash = key({hash, static_cast<uint64_t>(rank)});
  }
  return hash;
}

}  // namespace trunkline
