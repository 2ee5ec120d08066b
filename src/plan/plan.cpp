#include "trunkline/plan/plan.hpp"

#include <algorithm>
#include <set>

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

// Ranks that hold a task of this source, ascending.
std::vector<int> readers(const Holders& holders, const std::vector<std::size_t>& task_sources,
                         std::size_t source) {
  std::set<int> ranks;
  for (std::size_t t = 0; t < holders.size(); ++t)
    if (task_sources[t] == source) ranks.insert(holders[t].begin(), holders[t].end());
  return {ranks.begin(), ranks.end()};
}

}  // namespace

bool Group::held_by(int rank) const { return contains(holders, rank); }

bool HolderSet::contains(int rank) const { return trunkline::contains(ranks, rank); }

bool Plan::holds(int rank, std::size_t part) const { return contains(holders[part], rank); }

bool Plan::world_wide(std::size_t holder_set) const {
  return static_cast<int>(holder_sets[holder_set].ranks.size()) == world_size;
}

Plan make_plan(const Holders& task_holders, const std::vector<std::size_t>& task_sources,
               int world_size, const std::vector<std::size_t>& stem_sources) {
  Plan plan{world_size, task_holders.size(), task_holders, stem_sources, {}, {}};
  for (std::size_t t = 0; t < plan.tasks; ++t) {
    group_of(plan.groups, task_sources[t], task_holders[t]).tasks.push_back(t);
    set_of(plan.holder_sets, task_holders[t]).parts.push_back(t);
  }
  for (const std::size_t source : stem_sources) {
    plan.holders.push_back(readers(task_holders, task_sources, source));
    plan.holder_sets.push_back({{plan.holders.size() - 1}, plan.holders.back()});
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
