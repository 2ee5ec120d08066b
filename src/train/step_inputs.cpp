#include "trunkline/train/step_inputs.hpp"

#include <ATen/ops/zeros_like.h>

#include <chrono>

#include "trunkline/core/random.hpp"
#include "trunkline/model/input.hpp"

namespace trunkline {
namespace {

void add_counts(StepInput& input, const MultiTaskModel& model, const Group& group,
                const GroupInput& part) {
  for (std::size_t i = 0; i < group.tasks.size(); ++i) {
    const std::size_t t = group.tasks[i];
    const Task::Count count = model.task(t).count(part.targets[i]);
    input.counts[t].valid += count.valid;
    input.counts[t].weight += count.weight;
  }
}

// Losses are computed where outputs are.
void move_targets(GroupInput& input, c10::Device device) {
  for (Target& target : input.targets)
    for (at::Tensor* tensor : {&target.values, &target.valid, &target.weight})
      *tensor = on_device(*tensor, device);
}

// A task that has not started yet is one without labels, in every layout.
void hide_targets(GroupInput& input, const Config& config, const Group& group, int64_t step) {
  for (std::size_t i = 0; i < group.tasks.size(); ++i)
    if (step < config.tasks[group.tasks[i]].second.start_step)
      input.targets[i].valid = at::zeros_like(input.targets[i].valid);
}

}  // namespace

at::Tensor on_device(const at::Tensor& tensor, c10::Device device) {
  if (device.is_cpu() || !tensor.defined()) return tensor;
  return tensor.contiguous().pin_memory().to(device, tensor.scalar_type(), /*non_blocking=*/true);
}

GroupInput make_group_input(const MultiTaskModel& model, const Plan& plan, std::size_t group,
                            const Batch& batch, const FieldDescription& input,
                            c10::ScalarType precision) {
  GroupInput made;
  made.group = group;
  made.x = prepare_input(on_device(batch.fields.at(input.name), model.device()), input, precision,
                         model.input_statistics(batch.source));
  for (const std::size_t t : plan.groups[group].tasks)
    made.targets.push_back(model.task(t).target(batch, precision));
  made.context.rows = {{name_key(batch.source), batch.samples}};
  return made;
}

StepInputs::StepInputs(const Config& config, const Sources& sources, const LabelChoices& labels,
                       const Plan& plan, const MultiTaskModel& model,
                       const std::vector<std::string>& tails, int rank,
                       const std::vector<int64_t>& first_batches,
                       const std::vector<OrderOrigin>& origins)
    : config_(config), sources_(sources), labels_(labels), plan_(plan), model_(model), rank_(rank) {
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const int64_t batch = config.sources[s].second.batch;
    LoaderOptions options;
    options.seed = static_cast<uint64_t>(config.run.seed);
    options.batch = batch;
    options.tail = tails[s];
    options.slots = source_slots(plan, s, rank, batch);
    options.fields = fields_read(config, sources, plan, s, rank);
    options.first_batch = first_batches[s];
    if (!origins.empty()) options.origin = origins[s];
    loaders_.push_back(options.slots.empty() ? nullptr : make_training_loader(sources[s], options));
  }
}

StepInput StepInputs::next(int64_t step) {
  StepInput input = peeked_ ? std::move(*peeked_) : make(step);
  peeked_.reset();
  return input;
}

const StepInput& StepInputs::peek(int64_t step) {
  if (!peeked_) peeked_ = make(step);
  return *peeked_;
}

void StepInputs::keep_chosen(GroupInput& input, const Group& group, const Batch& rows) const {
  for (std::size_t i = 0; i < group.tasks.size(); ++i)
    if (const LabelChoice& choice = labels_[group.tasks[i]]; !choice.all)
      keep_labels(input.targets[i], choice.contains(rows.samples));
}

StepInput StepInputs::make(int64_t step) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Batch> batches;
  for (const auto& loader : loaders_) batches.push_back(loader ? loader->next() : Batch{});
  seconds_waited_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  StepInput input;
  input.counts.resize(model_.size());
  for (int64_t part = 0; part < config_.train.accumulate; ++part) {
    std::vector<GroupInput>& groups = input.parts.emplace_back();
    for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
      const Group& group = plan_.groups[g];
      const SlotRange mine = group_slots(group, rank_, config_.sources[group.source].second.batch);
      const Batch rows = batches[group.source].slice(cut(mine, part, config_.train.accumulate));
      if (mine.size() == 0 || rows.rows() == 0) continue;
      GroupInput made = make_group_input(model_, plan_, g, rows,
                                         sources_[group.source]->description().inputs.front(),
                                         config_.precision());
      made.context.training = true;
      made.context.seed = static_cast<uint64_t>(config_.run.seed);
      made.context.step = step;
      keep_chosen(made, group, rows);
      hide_targets(made, config_, group, step);
      add_counts(input, model_, group, made);
      move_targets(made, model_.device());
      groups.push_back(std::move(made));
    }
  }
  return input;
}

}  // namespace trunkline
