#include "trunkline/learn/trained_run.hpp"

#include <ATen/core/grad_mode.h>

#include "trunkline/train/run_folder.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {
namespace {

RunState read_state(const CheckpointReader& reader, Ranks& ranks) {
  RunState state;
  agree(ranks, [&] { state = run_state_from_json(reader.state()); });
  return state;
}

}  // namespace

const FieldDescription& TrainedRun::input(const std::string& source) const {
  for (const SourceState& stored : state.sources)
    if (stored.name == source) return stored.input;
  throw CheckpointError(
      fmt::format("the checkpoint has no source {}, config.yaml has; was it edited?", source));
}

std::size_t TrainedRun::task(const std::string& name) const {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < config.tasks.size(); ++t) {
    if (config.tasks[t].first == name) return t;
    names.push_back(config.tasks[t].first);
  }
  check<UsageError>(!name.empty() || names.size() == 1, "--task: choose one of {}",
                    fmt::join(names, ", "));
  if (name.empty()) return 0;
  throw UsageError(
      fmt::format("task {}: the run has no such task; it has {}", name, fmt::join(names, ", ")));
}

ModelDescription TrainedRun::description() const {
  ModelDescription model{config.trunk, {}, config.tasks, {}, config.task_kinds};
  model.lora = config.finetune.lora;
  model.statistics = needed_statistics(config, state.statistics);
  for (const auto& [name, options] : config.sources)
    model.inputs.push_back({name, input(name), options.stem});
  for (const auto& [name, options] : config.tasks) {
    const auto found =
        std::find_if(state.targets.begin(), state.targets.end(),
                     [&, task = name](const auto& target) { return target.first == task; });
    check<CheckpointError>(found != state.targets.end(),
                           "the checkpoint has no task {}, config.yaml has", name);
    model.targets.push_back(found->second);
  }
  return model;
}

TrainedRun open_run(const std::filesystem::path& run, Ranks& ranks, const Logger& logger,
                    const TaskKinds& task_kinds, std::optional<int64_t> step) {
  Config config;
  agree(ranks, [&] { config = stored_config(run, task_kinds); });
  std::optional<CheckpointReader> reader =
      step ? open_checkpoint(run, *step, ranks) : best_checkpoint(run, ranks, logger);
  agree(ranks, [&] {
    check<CheckpointError>(reader.has_value(),
                           "{}: the run has no checkpoint yet; let it train first", run.string());
  });
  RunState state = read_state(*reader, ranks);
  return {std::move(config), std::move(state), std::move(*reader)};
}

Plan whole_plan(const Config& config, const Ranks& ranks) {
  std::vector<TaskCost> tasks;
  for (const auto& [name, options] : config.tasks) tasks.push_back({name, 1.0});
  return make_plan(make_layout({}, tasks, ranks.size()), task_sources(config), ranks.size(),
                   stem_sources(config));
}

std::unique_ptr<MultiTaskModel> load_model(const TrainedRun& run, const Plan& plan, Ranks& ranks) {
  std::unique_ptr<MultiTaskModel> model;
  agree(ranks, [&] {
    model = std::make_unique<MultiTaskModel>(run.description(), plan, ranks.rank(),
                                             run.config.precision(),
                                             Compute{ranks.device, run.config.bf16()});
  });
  Checkpoints(run.config.run.dir, run.config, plan, *model, ranks).load(run.reader);
  return model;
}

std::unique_ptr<MultiTaskModel> load_merged_model(const TrainedRun& run, const Plan& plan,
                                                  Ranks& ranks) {
  std::unique_ptr<MultiTaskModel> model = load_model(run, plan, ranks);
  const auto* adapted = dynamic_cast<const LoraTrunk*>(&model->trunk());
  if (adapted == nullptr) return model;
  ModelDescription description = run.description();
  description.lora = {};
  auto merged =
      std::make_unique<MultiTaskModel>(description, plan, ranks.rank(), run.config.precision(),
                                       Compute{ranks.device, run.config.bf16()});
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> trunk = adapted->merge(model->storage().trunk().parameters());
  for (std::size_t i = 0; i < trunk.size(); ++i)
    merged->storage().trunk().parameters()[i].copy_(trunk[i]);
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s)
    merged->storage().set(s).values().copy_(model->storage().set(s).values());
  return merged;
}

}  // namespace trunkline
