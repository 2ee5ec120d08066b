// Who does what in a step: groups that share a forward pass, holder sets that share a reduction.
// Numbers only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/core/slot_range.hpp"
#include "trunkline/plan/layout.hpp"

namespace trunkline {

/// Tasks of one source that have the same holders; they share one forward pass.
struct Group {
  std::size_t source = 0;
  std::vector<std::size_t> tasks;  ///< ascending
  std::vector<int> holders;        ///< ascending ranks

  bool held_by(int rank) const;
};

/// Tasks, of any source, that have the same holders; their head gradients are summed in one flat
/// buffer.
struct HolderSet {
  std::vector<std::size_t> tasks;  ///< ascending
  std::vector<int> ranks;          ///< ascending

  bool contains(int rank) const;
};

/// The plan of a run: the same on every rank.
struct Plan {
  int world_size = 1;
  Holders holders;                     ///< per task
  std::vector<Group> groups;           ///< ordered by first task
  std::vector<HolderSet> holder_sets;  ///< ordered by first task

  bool holds(int rank, std::size_t task) const;
  int lowest_holder(std::size_t task) const { return holders[task].front(); }
};

/// @param task_sources index of the source of each task
Plan make_plan(const Holders& holders, const std::vector<std::size_t>& task_sources,
               int world_size);

/// Slots of a batch that a rank computes for a group: the batch cut over the holders in ascending
/// rank order. Empty where the rank is no holder.
SlotRange group_slots(const Group& group, int rank, int64_t batch);

/// Part `part` of `parts` contiguous, nearly equal, possibly empty pieces of a range
/// (accumulation).
SlotRange cut(SlotRange range, int64_t part, int64_t parts);

/// Union of the ranges that a rank reads of a source, ascending and disjoint.
std::vector<SlotRange> source_slots(const Plan& plan, std::size_t source, int rank, int64_t batch);

}  // namespace trunkline
