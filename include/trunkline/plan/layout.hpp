// Which rank holds which tasks.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// `layout:` of the config.
struct LayoutOptions {
  std::string kind = "data";                   ///< data | task | auto | explicit
  OrderedMap<std::vector<std::string>> tasks;  ///< explicit: task -> ranks ("0", "2-63")
};
void describe(Keys& keys, LayoutOptions& options);

/// What the layout needs to know of a task.
struct TaskCost {
  std::string name;
  double cost = 1.0;  ///< of one step on one rank, any unit, > 0
};

/// Ranks that hold each task, ascending; one entry per task, none empty.
using Holders = std::vector<std::vector<int>>;

/// `data`: all ranks hold all tasks. `task`: ranks are dealt to tasks by cost: with at least as
/// many ranks as tasks by largest remainder, each at least one; otherwise the longest task first to
/// the least loaded rank. `explicit`: as given. Ties go by the order of the config.
/// `auto` is decided by the caller, between the two.
/// @throws UsageError for an unknown task, a rank beyond the world, a task without rank or a rank
/// without task
Holders make_layout(const LayoutOptions& options, const std::vector<TaskCost>& tasks,
                    int world_size);

}  // namespace trunkline
