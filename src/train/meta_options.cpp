#include "trunkline/train/meta_options.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/train/config.hpp"

namespace trunkline {
namespace {

bool is_few_shot(const TaskOptions& task) { return task.kind == "few_shot"; }

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_sources(const Config& config, const std::string& path) {
  std::vector<std::string> known;
  for (const auto& [name, source] : config.sources) known.push_back(name);
  check<UsageError>(!config.meta.sources.empty(),
                    "{}: meta.sources: name the sources that episodes are drawn from, e.g. [{}]",
                    path, known.front());
  for (const std::string& name : config.meta.sources) {
    const auto hint = nearest(name, known);
    check<UsageError>(contains(known, name), "{}: meta.sources: no source \"{}\"{}", path, name,
                      hint ? fmt::format("; did you mean \"{}\"?", *hint) : "");
  }
}

// Every task learns in some step, and every step has a task that learns.
void check_tasks(const Config& config, const std::string& path) {
  const std::vector<std::size_t> tasks = meta_tasks(config);
  bool joint = false;
  for (std::size_t t = 0; t < config.tasks.size(); ++t) {
    const auto& [name, task] = config.tasks[t];
    const bool episodes = std::find(tasks.begin(), tasks.end(), t) != tasks.end();
    joint |= !is_few_shot(task);
    check<UsageError>(episodes || !is_few_shot(task),
                      "{}: tasks.{}: few_shot, but its source {} is none of meta.sources; add it",
                      path, name, task.source);
    check<UsageError>(episodes || config.meta.every > 1,
                      "{}: tasks.{}: never trained, since meta.every: 1 leaves no joint step; set "
                      "meta.every to 2 or more, or remove the task",
                      path, name);
  }
  check<UsageError>(joint || config.meta.every == 1,
                    "{}: meta.every: {}, but no task learns in joint steps; set it to 1", path,
                    config.meta.every);
}

}  // namespace

void describe(Keys& keys, MetaEvaluateOptions& o) {
  keys.value("episodes", o.episodes, "episodes that metrics are the mean of", {.min = 2});
  keys.value("steps", o.steps, "steps of the inner loop; default: inner_steps", {.min = 0});
}

void describe(Keys& keys, MetaOptions& o) {
  keys.choice("algorithm", o.algorithm, {"maml", "fomaml", "anil", "reptile"},
              "maml, fomaml (without second derivatives), anil (the head alone adapts), reptile; "
              "none: no meta-learning");
  const KeyRules on = {.when = o.given(), .when_text = "algorithm"};
  KeyRules count = on, number = on;
  count.min = 1;
  number.min = 0;
  keys.value("every", o.every, "every n-th step is a meta-step; 1: all are", count);
  keys.value("sources", o.sources, "sources that episodes are drawn from, as they take turns", on);
  keys.value("ways", o.ways, "classes of an episode and outputs of a few_shot head",
             {.min = 2, .when = o.given(), .when_text = "algorithm"});
  keys.value("shots", o.shots,
             "rows that are adapted to, per class (few_shot) or in all (other kinds of task)",
             count);
  keys.value("queries", o.queries, "rows that the adapted model is judged by, counted likewise",
             count);
  keys.value("tasks", o.tasks, "episodes of a meta-step, over all ranks", count);
  keys.value("inner_steps", o.inner_steps, "gradient steps of the inner loop", count);
  keys.value("inner_rate", o.inner_rate, "learning rate of the inner loop", number);
  KeyRules reptile = number, anil = on;
  reptile.when = o.algorithm == "reptile";
  reptile.when_text = "algorithm: reptile";
  anil.when = o.algorithm == "anil";
  anil.when_text = "algorithm: anil";
  keys.value("inner_batch", o.inner_batch, "rows of an inner step; 0: all of the episode", reptile);
  if (o.algorithm == "reptile" && o.inner_steps < 2)
    keys.reject("inner_steps", "reptile needs 2 or more; with 1 it is joint training");
  keys.value("second_order", o.second_order, "differentiate the inner loop", anil);
  keys.value("weight", o.weight, "factor of the meta-batch's mean loss", number);
  keys.section("evaluate", o.evaluate, "episodes of evaluate.split", on);
  keys.value("memory_bytes", o.memory_bytes, "most memory for the rows of a split of a source",
             count);
}

std::vector<std::size_t> meta_tasks(const Config& config) {
  std::vector<std::size_t> tasks;
  for (std::size_t t = 0; t < config.tasks.size(); ++t) {
    const TaskOptions& task = config.tasks[t].second;
    const bool others =
        std::any_of(config.tasks.begin(), config.tasks.end(), [&](const auto& other) {
          return other.second.source == task.source && is_few_shot(other.second);
        });
    if (contains(config.meta.sources, task.source) && (is_few_shot(task) || !others))
      tasks.push_back(t);
  }
  return tasks;
}

void connect_meta(Config& config, const std::string& path) {
  for (auto& [name, task] : config.tasks) {
    if (!is_few_shot(task)) continue;
    check<UsageError>(config.meta.given(),
                      "{}: tasks.{}.kind: few_shot learns from episodes; add meta.algorithm", path,
                      name);
    task.classes = config.meta.ways;
  }
  if (!config.meta.given()) return;
  check_sources(config, path);
  check_tasks(config, path);
}

}  // namespace trunkline
