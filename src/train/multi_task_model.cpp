#include "trunkline/train/multi_task_model.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/split_with_sizes.h>
#include <fmt/ranges.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/autocast.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/model/tokens.hpp"

namespace trunkline {
namespace {

std::vector<std::unique_ptr<Stem>> make_stems(const std::vector<InputDescription>& inputs) {
  std::vector<std::unique_ptr<Stem>> stems;
  for (const InputDescription& input : inputs) {
    StemOptions stem = input.stem;
    stem.network = with_tokens(stem.network, input.field, "sources." + input.source + ".stem");
    stems.push_back(stem.exists()
                        ? make_stem(stem, input.source, input_shape(input.field), input.field)
                        : nullptr);
  }
  return stems;
}

// What the files say of the tokens that the trunk reads itself.
TrunkOptions trunk_options(const ModelDescription& description) {
  TrunkOptions options = description.trunk;
  for (const InputDescription& input : description.inputs)
    if (!input.stem.exists()) options = with_tokens(options, input.field, "trunk");
  return options;
}

std::vector<int64_t> shape_for_trunk(const InputDescription& input, const Stem* stem) {
  return stem ? stem->output_shape() : input_shape(input.field);
}

// An output of several inputs, one after the other. Autograd joins the gradients of the parts in
// one piece again.
std::vector<TrunkOutput> split(const TrunkOutput& whole, const std::vector<int64_t>& rows) {
  std::vector<TrunkOutput> parts(rows.size());
  for (at::Tensor TrunkOutput::*member :
       {&TrunkOutput::features, &TrunkOutput::maps, &TrunkOutput::input, &TrunkOutput::tokens,
        &TrunkOutput::mask, &TrunkOutput::experts}) {
    if (!(whole.*member).defined()) continue;
    const std::vector<at::Tensor> pieces = at::split_with_sizes(whole.*member, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) parts[i].*member = pieces[i];
  }
  return parts;
}

// What all sources give to the trunk, which must be of one shape.
std::vector<int64_t> trunk_input_shape(const std::vector<InputDescription>& inputs,
                                       const std::vector<std::unique_ptr<Stem>>& stems) {
  std::vector<int64_t> first = shape_for_trunk(inputs[0], stems[0].get());
  for (std::size_t s = 1; s < inputs.size(); ++s) {
    const std::vector<int64_t> shape = shape_for_trunk(inputs[s], stems[s].get());
    check<UsageError>(
        shape == first,
        "sources.{0}: {1} ({2}) to the trunk, but source {3} gives ({4}); one trunk "
        "needs inputs of one shape: {5}",
        inputs[s].source,
        stems[s] ? "its stem gives rows of shape"
                 : fmt::format("its input {} gives rows of shape", inputs[s].field.name),
        fmt::join(shape, ", "), inputs[0].source, fmt::join(first, ", "),
        stems[s] ? fmt::format("give the stem sources.{}.stem this width", inputs[s].source)
                 : fmt::format("set sources.{}.stem", inputs[s].source));
  }
  return first;
}

std::vector<std::unique_ptr<Task>> make_tasks(const ModelDescription& description,
                                              const TrunkShape& trunk) {
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::size_t t = 0; t < description.tasks.size(); ++t) {
    const auto& [name, options] = description.tasks[t];
    const DataStatistics& statistics = description.statistics;
    tasks.push_back(
        make_task(name, options, description.targets[t], trunk,
                  reads_input(options) ? statistics.input(options.source) : statistics.label(name),
                  description.task_kinds));
  }
  return tasks;
}

// Part of each source's stem: stems come behind the heads.
std::vector<std::size_t> number_stems(const Plan& plan, std::size_t sources) {
  std::vector<std::size_t> parts(sources);
  for (std::size_t i = 0; i < plan.stem_sources.size(); ++i)
    parts[plan.stem_sources[i]] = plan.tasks + i;
  return parts;
}

std::vector<PartSpecs> part_specs(const ModelDescription& description, const Plan& plan,
                                  const std::vector<std::unique_ptr<Task>>& tasks,
                                  const std::vector<std::unique_ptr<Stem>>& stems) {
  std::vector<PartSpecs> parts;
  for (const auto& task : tasks) parts.push_back({"heads." + task->name(), &task->parameters()});
  for (const std::size_t s : plan.stem_sources)
    parts.push_back({"stems." + description.inputs[s].source, &stems[s]->parameters()});
  return parts;
}

}  // namespace

MultiTaskModel::MultiTaskModel(const ModelDescription& description, const Plan& plan, int rank,
                               c10::ScalarType type, Compute compute)
    : type_(type),
      statistics_(description.statistics),
      compute_(compute),
      stems_(make_stems(description.inputs)),
      trunk_(with_adapters(
          make_trunk(trunk_options(description), trunk_input_shape(description.inputs, stems_)),
          description.lora)),
      tasks_(make_tasks(description, trunk_->shape())),
      stem_parts_(number_stems(plan, stems_.size())),
      storage_(trunk_->parameters(), part_specs(description, plan, tasks_, stems_), plan, rank,
               c10::TensorOptions(type).device(compute.device)) {}

std::vector<at::Tensor> MultiTaskModel::forward(std::size_t source,
                                                const std::vector<std::size_t>& tasks,
                                                const at::Tensor& x, const Context& context) const {
  const TrunkOutput trunk = shared(source, x, context);
  std::vector<at::Tensor> outputs;
  for (const std::size_t t : tasks) outputs.push_back(head(t, trunk, context));
  return outputs;
}

TrunkOutput MultiTaskModel::shared(std::size_t source, const at::Tensor& x,
                                   const Context& context) const {
  const Autocast autocast(compute_.bf16, compute_.device.type());
  return trunk_->forward(storage_.trunk().parameters(), adapt(source, x, context), context);
}

std::vector<TrunkOutput> MultiTaskModel::shared(const std::vector<SourceInput>& inputs) const {
  if (inputs.empty()) return {};
  if (inputs.size() == 1) return {shared(inputs[0].source, inputs[0].x, inputs[0].context)};
  const Autocast autocast(compute_.bf16, compute_.device.type());
  std::vector<at::Tensor> adapted;
  std::vector<int64_t> rows;
  Context context = inputs[0].context;
  context.rows.clear();
  for (const SourceInput& input : inputs) {
    adapted.push_back(adapt(input.source, input.x, input.context));
    rows.push_back(input.x.size(0));
    context.rows.insert(context.rows.end(), input.context.rows.begin(), input.context.rows.end());
  }
  return split(trunk_->forward(storage_.trunk().parameters(), at::cat(adapted), context), rows);
}

at::Tensor MultiTaskModel::adapt(std::size_t source, const at::Tensor& x,
                                 const Context& context) const {
  const Stem* stem = stems_[source].get();
  return stem ? stem->forward(stem_parameters(source), x, context) : x;
}

at::Tensor MultiTaskModel::head(std::size_t t, const TrunkOutput& trunk,
                                const Context& context) const {
  const Autocast autocast(compute_.bf16, compute_.device.type());
  return tasks_[t]->forward(storage_.part(t), trunk, context).to(type_);
}

std::vector<std::size_t> stem_sources(const Config& config) {
  std::vector<std::size_t> sources;
  for (std::size_t s = 0; s < config.sources.size(); ++s)
    if (config.sources[s].second.stem.exists()) sources.push_back(s);
  return sources;
}

}  // namespace trunkline
