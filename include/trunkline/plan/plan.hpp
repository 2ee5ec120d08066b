// Who does what in a step: groups that share a forward pass, holder sets that share a reduction.
// Numbers only.
//
// A *part* is what the model has beside the trunk: the heads, numbered like their tasks, then the
// stems.
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

/// Parts whose gradients are summed in one flat buffer: heads, of any source, that have the same
/// holders; or one stem.
struct HolderSet {
  std::vector<std::size_t> parts;  ///< ascending
  std::vector<int> ranks;          ///< ascending

  bool contains(int rank) const;
};

/// The plan of a run: the same on every rank.
struct Plan {
  int world_size = 1;
  std::size_t tasks = 0;
  Holders holders;                        ///< per part; a stem's are all ranks that read its source
  std::vector<std::size_t> stem_sources;  ///< part `tasks + i` is the stem of this source
  std::vector<Group> groups;              ///< ordered by first task
  std::vector<HolderSet> holder_sets;     ///< of heads, ordered by first task; then one per stem

  bool holds(int rank, std::size_t part) const;
  int lowest_holder(std::size_t part) const { return holders[part].front(); }
  /// Whether all ranks hold this set: its gradients are summed together with the trunk's.
  bool world_wide(std::size_t holder_set) const;
};

/// @param task_holders  ranks of each task   @param task_sources index of the source of each task
/// @param stem_sources sources whose inputs go through a stem, ascending
Plan make_plan(const Holders& task_holders, const std::vector<std::size_t>& task_sources,
               int world_size, const std::vector<std::size_t>& stem_sources = {});

/// Slots of a batch that a rank computes for a group: the batch cut over the holders in ascending
/// rank order. Empty where the rank is no holder.
SlotRange group_slots(const Group& group, int rank, int64_t batch);

/// Part `part` of `parts` contiguous, nearly equal, possibly empty pieces of a range
/// (accumulation).
SlotRange cut(SlotRange range, int64_t part, int64_t parts);

/// Union of the ranges that a rank reads of a source, ascending and disjoint.
std::vector<SlotRange> source_slots(const Plan& plan, std::size_t source, int rank, int64_t batch);

}  // namespace trunkline
