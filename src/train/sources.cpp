#include "trunkline/train/sources.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/model/tokens.hpp"

namespace trunkline {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

const FieldDescription& input_of(const Sources& sources, std::size_t source) {
  return sources[source]->description().inputs.front();
}

// What the config says of a target counts when its labels are checked.
void want(Source::Wanted& wanted, const std::string& name, const TaskOptions& task) {
  const std::string target = target_of(task);
  if (target.empty()) return;
  add_once(wanted.targets, target);
  // A few_shot task's labels are classes, of which it does not say how many there are.
  const bool few_shot = task.kind == "few_shot";
  // Labels that only measure a clustering are what the file says of them.
  if (!task.kind.empty() && task.kind != "clustering")
    wanted.kinds[target] = few_shot ? "classification" : task.kind;
  if (!task.classes || few_shot) return;
  wanted.classes[target] = *task.classes;
  wanted.tasks[target] = name;
}

// Clusters have numbers of their own: not the names of the classes that they are compared with.
FieldDescription describe_target(const TaskOptions& task, const SourceDescription& source) {
  if (reads_input(task)) return source.inputs.front();
  const std::string target = target_of(task);
  FieldDescription field = target.empty() ? FieldDescription{} : source.target(target);
  if (task.kind == "clustering") field.class_names.clear();
  return field;
}

// Files may mark several inputs, but a run uses one per source: a silent choice would be a guess.
void check_one_marked(const std::string& source, const SourceOptions& options,
                      const std::vector<FieldDescription>& inputs) {
  std::vector<std::string> names;
  for (const FieldDescription& input : inputs) names.push_back(input.name);
  check<DataError>(names.size() == 1,
                   "source {}: {} has {} data sets with role = \"input\": {}; choose one with "
                   "sources.{}.input",
                   source, fmt::join(options.file, ", "), names.size(), fmt::join(names, ", "),
                   source);
}

}  // namespace

Sources open_sources(const Config& config, const std::shared_ptr<IoThread>& io) {
  Sources sources;
  for (const auto& [name, options] : config.sources) {
    Source::Wanted wanted{name, {}};
    for (const auto& [task, task_options] : config.tasks)
      if (task_options.source == name) want(wanted, task, task_options);
    sources.push_back(Source::open(options, wanted, io));
    check_one_marked(name, options, sources.back()->description().inputs);
  }
  return sources;
}

ModelDescription describe_model(const Config& config, const Sources& sources) {
  ModelDescription model{config.trunk, {}, config.tasks, {}, config.task_kinds};
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto& [name, options] = config.sources[s];
    model.inputs.push_back({name, input_of(sources, s), options.stem});
    check<UsageError>(!normalizes(options) ||
                          !reads_tokens(options.stem.exists() ? options.stem.network : config.trunk,
                                        model.inputs.back().field),
                      "sources.{}.normalize: {} holds tokens, which are names and no quantities; "
                      "leave the key out",
                      name, model.inputs.back().field.name);
  }
  model.lora = config.finetune.lora;
  for (const auto& [name, task] : config.tasks)
    model.targets.push_back(
        describe_target(task, sources[config.source_index(task.source)]->description()));
  return model;
}

void apply_batch_shares(Config& config, const Sources& sources) {
  if (config.train.batch.total == 0) return;
  std::vector<int64_t> rows;
  for (const auto& source : sources)
    rows.push_back(std::max<int64_t>(1, source->rows(Split::kTrain)));
  const std::vector<int64_t> batches = share_batch(config.train.batch, rows);
  for (std::size_t s = 0; s < batches.size(); ++s) config.sources[s].second.batch = batches[s];
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
    if (const std::string target = target_of(config.tasks[t].second);
        source_of[t] == source && plan.holds(rank, t) && !target.empty())
      add_once(fields, target);
  return fields;
}

}  // namespace trunkline
