#include "trunkline/train/sources.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/model/input.hpp"

namespace trunkline {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

const FieldDescription& input_of(const Sources& sources, std::size_t source) {
  return sources[source]->description().inputs.front();
}

// What the config says of a target counts when its labels are checked.
void want(Source::Wanted& wanted, const TaskOptions& task) {
  add_once(wanted.targets, task.target);
  if (!task.kind.empty()) wanted.kinds[task.target] = task.kind;
  if (task.classes) wanted.classes[task.target] = *task.classes;
}

// All sources feed the same trunk, so their prepared rows must have one shape.
void check_one_input(const Config& config, const Sources& sources) {
  const std::vector<int64_t> first = input_shape(input_of(sources, 0));
  for (std::size_t s = 1; s < sources.size(); ++s) {
    const std::vector<int64_t> shape = input_shape(input_of(sources, s));
    check<UsageError>(
        shape == first,
        "sources.{}: its input {} has shape ({}), but that of source {} has ({}); one trunk needs "
        "inputs of one shape",
        config.sources[s].first, input_of(sources, s).name, fmt::join(shape, ", "),
        config.sources[0].first, fmt::join(first, ", "));
  }
}

}  // namespace

Sources open_sources(const Config& config, std::shared_ptr<IoThread> io) {
  Sources sources;
  for (const auto& [name, options] : config.sources) {
    Source::Wanted wanted{name, {}};
    for (const auto& [task, task_options] : config.tasks)
      if (task_options.source == name) want(wanted, task_options);
    sources.push_back(Source::open(options, wanted, io));
  }
  return sources;
}

ModelDescription describe_model(const Config& config, const Sources& sources) {
  check_one_input(config, sources);
  ModelDescription model{config.trunk, input_of(sources, 0), config.tasks, {}};
  for (const auto& [name, task] : config.tasks)
    model.targets.push_back(
        sources[config.source_index(task.source)]->description().target(task.target));
  return model;
}

Duration run_duration(const Config& config, const Sources& sources) {
  std::vector<SourceLength> lengths;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto& [name, options] = config.sources[s];
    lengths.push_back({name, sources[s]->rows(Split::kTrain), options.batch, options.tail});
  }
  return make_duration({config.train.steps, config.train.epochs.value_or(1), config.train.stop},
                       lengths);
}

std::vector<std::size_t> task_sources(const Config& config) {
  std::vector<std::size_t> indices;
  for (const auto& [name, task] : config.tasks) indices.push_back(config.source_index(task.source));
  return indices;
}

std::vector<std::string> fields_read(const Config& config, const Sources& sources, const Plan& plan,
                                     std::size_t source, int rank) {
  std::vector<std::string> fields{input_of(sources, source).name};
  const std::vector<std::size_t> source_of = task_sources(config);
  for (std::size_t t = 0; t < config.tasks.size(); ++t)
    if (source_of[t] == source && plan.holds(rank, t))
      add_once(fields, config.tasks[t].second.target);
  return fields;
}

}  // namespace trunkline
