#include "trunkline/plan/layout.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::vector<int> all_ranks(int world_size) {
  std::vector<int> ranks(world_size);
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

// Task indices, most expensive first, ties in the order of the config.
std::vector<std::size_t> by_cost(const std::vector<TaskCost>& tasks) {
  std::vector<std::size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return tasks[a].cost > tasks[b].cost; });
  return order;
}

double total_cost(const std::vector<TaskCost>& tasks) {
  double total = 0.0;
  for (const TaskCost& task : tasks) total += task.cost;
  return total;
}

// Number of ranks of each task by largest remainder, at least one each.
std::vector<int> deal_ranks(const std::vector<TaskCost>& tasks, int world_size) {
  const double total = total_cost(tasks);
  std::vector<int> count(tasks.size(), 1);
  std::vector<double> remainder(tasks.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const double share = world_size * tasks[t].cost / total;
    count[t] = std::max(1, static_cast<int>(std::floor(share)));
    remainder[t] = share - count[t];
  }
  int left = world_size - std::accumulate(count.begin(), count.end(), 0);
  for (; left != 0; left += left > 0 ? -1 : 1) {
    std::size_t chosen = tasks.size();
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      if (left < 0 && count[t] == 1) continue;
      const bool better = chosen == tasks.size() || (left > 0 ? remainder[t] > remainder[chosen]
                                                              : remainder[t] < remainder[chosen]);
      if (better) chosen = t;
    }
    const int change = left > 0 ? 1 : -1;
    count[chosen] += change;
    remainder[chosen] -= change;
  }
  return count;
}

Holders blocks_of_ranks(const std::vector<int>& counts) {
  Holders holders(counts.size());
  int next = 0;
  for (std::size_t t = 0; t < counts.size(); ++t)
    for (int i = 0; i < counts[t]; ++i) holders[t].push_back(next++);
  return holders;
}

Holders longest_first(const std::vector<TaskCost>& tasks, int world_size) {
  std::vector<double> load(world_size, 0.0);
  Holders holders(tasks.size());
  for (const std::size_t t : by_cost(tasks)) {
    const auto rank = std::min_element(load.begin(), load.end()) - load.begin();
    holders[t] = {static_cast<int>(rank)};
    load[rank] += tasks[t].cost;
  }
  return holders;
}

int parse_rank(const std::string& text, const std::string& whole, const std::string& task) {
  int rank = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rank);
  check<UsageError>(error == std::errc{} && end == text.data() + text.size() && rank >= 0,
                    "layout.tasks.{}: \"{}\" is not a rank or a range of ranks; expected e.g. 3 or "
                    "\"2-5\"",
                    task, whole);
  return rank;
}

void add_ranks(std::set<int>& ranks, const std::string& item, const std::string& task,
               int world_size) {
  const std::size_t dash = item.find('-');
  const int first = parse_rank(item.substr(0, dash), item, task);
  const int last =
      dash == std::string::npos ? first : parse_rank(item.substr(dash + 1), item, task);
  check<UsageError>(first <= last, "layout.tasks.{}: range \"{}\" runs backwards", task, item);
  check<UsageError>(
      last < world_size,
      "layout.tasks.{}: rank {} is beyond the world of {} ranks (0 to {}); start more "
      "ranks or change the map",
      task, last, world_size, world_size - 1);
  for (int rank = first; rank <= last; ++rank)
    check<UsageError>(ranks.insert(rank).second,
                      "layout.tasks.{}: rank {} is there twice; name every rank once", task, rank);
}

std::size_t task_index(const std::vector<TaskCost>& tasks, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    if (tasks[t].name == name) return t;
    names.push_back(tasks[t].name);
  }
  const auto hint = nearest(name, names);
  throw UsageError(fmt::format("layout.tasks.{}: no such task{}", name,
                               hint ? fmt::format("; did you mean \"{}\"?", *hint) : ""));
}

void check_coverage(const Holders& holders, const std::vector<TaskCost>& tasks, int world_size) {
  std::set<int> used;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    check<UsageError>(!holders[t].empty(),
                      "layout.tasks: task {} has no rank; give every task at least one",
                      tasks[t].name);
    used.insert(holders[t].begin(), holders[t].end());
  }
  for (int rank = 0; rank < world_size; ++rank)
    check<UsageError>(used.contains(rank),
                      "layout.tasks: rank {} of {} has no task; give it one or start fewer ranks",
                      rank, world_size);
}

Holders explicit_layout(const LayoutOptions& options, const std::vector<TaskCost>& tasks,
                        int world_size) {
  Holders holders(tasks.size());
  for (const auto& [name, items] : options.tasks) {
    std::set<int> ranks;
    for (const std::string& item : items) add_ranks(ranks, item, name, world_size);
    holders[task_index(tasks, name)].assign(ranks.begin(), ranks.end());
  }
  check_coverage(holders, tasks, world_size);
  return holders;
}

}  // namespace

void describe(Keys& keys, LayoutOptions& o) {
  keys.choice(
      "kind", o.kind, {"data", "task", "auto", "explicit"},
      "data: every rank holds every task and a shard of the data; task: ranks are dealt to "
      "tasks by measured cost; auto: the one of both that is predicted to be faster; explicit: as "
      "`tasks` says");
  keys.value("tasks", o.tasks, "ranks that hold each task, e.g. {shape: [0, 1], angle: \"2-7\"}",
             {.when = o.kind == "explicit", .when_text = "kind: explicit"});
}

Holders make_layout(const LayoutOptions& options, const std::vector<TaskCost>& tasks,
                    int world_size) {
  if (options.kind == "explicit") return explicit_layout(options, tasks, world_size);
  if (options.kind == "data") return Holders(tasks.size(), all_ranks(world_size));
  if (world_size < static_cast<int>(tasks.size())) return longest_first(tasks, world_size);
  return blocks_of_ranks(deal_ranks(tasks, world_size));
}

}  // namespace trunkline
