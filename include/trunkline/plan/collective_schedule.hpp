// The collectives of a step, in the order of submission, as a list that ranks compare by hash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/plan/plan.hpp"

namespace trunkline {

/// One collective: what it is, over which ranks, with how many elements.
struct Collective {
  std::string name;  ///< "c0 counts", "c2 trunk", "c3 parts", "c4 record"
  std::vector<int> ranks;
  int64_t elements = 0;
};

/// What the schedule depends on, beside the plan.
struct ScheduleSizes {
  int64_t world_elements = 0;         ///< of the trunk and the parts that all ranks hold
  std::vector<int64_t> set_elements;  ///< flat size of each holder set's parts
  int64_t record_elements = 0;        ///< of one rank
};

std::vector<Collective> make_collective_schedule(const Plan& plan, const ScheduleSizes& sizes);

/// Equal on two ranks only if they would submit the same collectives.
uint64_t hash_of(const std::vector<Collective>& schedule);

}  // namespace trunkline
