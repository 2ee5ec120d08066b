#include "trunkline/plan/plan.hpp"

#include <algorithm>

namespace trunkline {
namespace {

bool contains(const std::vector<int>& ranks, int rank) {
  return std::binary_search(ranks.begin(), ranks.end(), rank);
}

// The element whose source and holders fit, or a new one at the end.
Group& group_of(std::vector<Group>& groups, std::size_t source, const std::vector<int>& holders) {
  for (Group& group : groups)
    if (group.source == source && group.holders == holders) return group;
  return groups.emplace_back(Group{source, {}, holders});
}

HolderSet& set_of(std::vector<HolderSet>& sets, const std::vector<int>& holders) {
  for (HolderSet& set : sets)
    if (set.ranks == holders) return set;
  return sets.emplace_back(HolderSet{{}, holders});
}

}  // namespace

bool Group::held_by(int rank) const { return contains(holders, rank); }

bool HolderSet::contains(int rank) const { return trunkline::contains(ranks, rank); }

bool Plan::holds(int rank, std::size_t task) const { return contains(holders[task], rank); }

Plan make_plan(const Holders& holders, const std::vector<std::size_t>& task_sources,
               int world_size) {
  Plan plan{world_size, holders, {}, {}};
  for (std::size_t t = 0; t < holders.size(); ++t) {
    group_of(plan.groups, task_sources[t], holders[t]).tasks.push_back(t);
    set_of(plan.holder_sets, holders[t]).tasks.push_back(t);
  }
  return plan;
}

SlotRange group_slots(const Group& group, int rank, int64_t batch) {
  const auto found = std::lower_bound(group.holders.begin(), group.holders.end(), rank);
  if (found == group.holders.end() || *found != rank) return {};
  return cut({0, batch}, found - group.holders.begin(), static_cast<int64_t>(group.holders.size()));
}

SlotRange cut(SlotRange range, int64_t part, int64_t parts) {
  return {range.begin + range.size() * part / parts,
          range.begin + range.size() * (part + 1) / parts};
}

std::vector<SlotRange> source_slots(const Plan& plan, std::size_t source, int rank, int64_t batch) {
  std::vector<SlotRange> ranges;
  for (const Group& group : plan.groups) {
    const SlotRange range = group_slots(group, rank, batch);
    if (group.source == source && range.size() > 0) ranges.push_back(range);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const SlotRange& a, const SlotRange& b) { return a.begin < b.begin; });
  std::vector<SlotRange> merged;
  for (const SlotRange& range : ranges) {
    if (!merged.empty() && range.begin <= merged.back().end)
      merged.back().end = std::max(merged.back().end, range.end);
    else
      merged.push_back(range);
  }
  return merged;
}

}  // namespace trunkline
