#include "trunkline/train/multi_task_model.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/split_with_sizes.h>
#include <ATen/ops/zeros.h>
#include <fmt/ranges.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/autocast.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/model/tokens.hpp"

namespace trunkline {
namespace {

std::vector<FlatEntry> entries_of(const std::vector<ParameterSpec>& specs,
                                  const std::string& prefix) {
  std::vector<FlatEntry> entries;
  for (const ParameterSpec& spec : specs) entries.push_back({prefix + spec.name, spec.shape});
  return entries;
}

Slice slice_of(const std::string& name, const FlatStorage& storage, int64_t begin, int64_t end,
               const std::vector<FlatEntry>& entries) {
  Slice slice{name,
              storage.values().narrow(0, begin, end - begin),
              storage.gradients().narrow(0, begin, end - begin),
              1.0,
              {}};
  for (const FlatEntry& entry : entries)
    slice.entries.push_back({entry.name, entry.begin, entry.end(), entry.shape, true});
  return slice;
}

void fill(Parameters parameters, const std::vector<ParameterSpec>& specs, const std::string& prefix,
          uint64_t seed) {
  for (std::size_t i = 0; i < specs.size(); ++i)
    initialize(parameters[i], specs[i].init, prefix + specs[i].name, seed);
}

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
      trunk_entries_(entries_of(trunk_->parameters(), "trunk.")) {
  for (std::size_t t = 0; t < description.tasks.size(); ++t) {
    const auto& [name, options] = description.tasks[t];
    tasks_.push_back(make_task(
        name, options, description.targets[t], trunk_->shape(),
        reads_input(options) ? statistics_.input(options.source) : statistics_.label(name),
        description.task_kinds));
    add_part("heads." + name, tasks_[t]->parameters());
  }
  stem_parts_.resize(stems_.size());
  for (const std::size_t s : plan.stem_sources) {
    stem_parts_[s] = parts_.size();
    add_part("stems." + description.inputs[s].source, stems_[s]->parameters());
  }
  place_parts(plan);
  allocate(plan, rank);
}

void MultiTaskModel::add_part(std::string name, const std::vector<ParameterSpec>& specs) {
  Part part{std::move(name), &specs, {}};
  part.entries = entries_of(specs, part.name + ".");
  flat_layout(part.entries, static_cast<int64_t>(c10::elementSize(type_)));
  parts_.push_back(std::move(part));
}

void MultiTaskModel::place_parts(const Plan& plan) {
  const auto element = static_cast<int64_t>(c10::elementSize(type_));
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) {
    std::vector<FlatEntry>& entries = set_entries_.emplace_back();
    for (const std::size_t p : plan.holder_sets[s].parts) {
      Part& part = parts_[p];
      part.set = s;
      part.first = entries.size();
      part.begin = flat_layout(entries, element);
      entries.insert(entries.end(), part.entries.begin(), part.entries.end());
      part.end = flat_layout(entries, element);
    }
    set_elements_.push_back(flat_layout(entries, element));
  }
}

void MultiTaskModel::allocate(const Plan& plan, int rank) {
  const int64_t trunk = flat_layout(trunk_entries_, static_cast<int64_t>(c10::elementSize(type_)));
  int64_t world = trunk;
  for (std::size_t s = 0; s < set_entries_.size(); ++s) {
    world_begins_.push_back(plan.world_wide(s) ? world : -1);
    if (plan.world_wide(s)) world += set_elements_[s];
  }
  const c10::TensorOptions options = c10::TensorOptions(type_).device(compute_.device);
  const auto zeros = [&](int64_t elements) { return at::zeros({elements}, options); };
  world_values_ = zeros(world);
  world_gradients_ = zeros(world);
  trunk_storage_ = {trunk_entries_, world_values_.narrow(0, 0, trunk),
                    world_gradients_.narrow(0, 0, trunk)};
  for (std::size_t s = 0; s < set_entries_.size(); ++s) {
    const int64_t begin = world_begins_[s], elements = set_elements_[s];
    if (begin >= 0)
      storages_.emplace_back(set_entries_[s], world_values_.narrow(0, begin, elements),
                             world_gradients_.narrow(0, begin, elements));
    else if (plan.holder_sets[s].contains(rank))
      storages_.emplace_back(set_entries_[s], zeros(elements), zeros(elements));
    else
      storages_.emplace_back();
  }
  for (std::size_t p = 0; p < parts_.size(); ++p)
    if (plan.holds(rank, p)) held_.push_back(p);
}

std::vector<BucketEntry> MultiTaskModel::world_entries() const {
  std::vector<BucketEntry> all;
  const auto add = [&](const FlatStorage& storage, int64_t begin) {
    for (std::size_t i = 0; i < storage.entries().size(); ++i) {
      const FlatEntry& entry = storage.entries()[i];
      all.push_back({storage.parameters()[i], begin + entry.begin, begin + entry.end()});
    }
  };
  add(trunk_storage_, 0);
  for (std::size_t s = 0; s < storages_.size(); ++s)
    if (world_begins_[s] >= 0) add(storages_[s], world_begins_[s]);
  return all;
}

void MultiTaskModel::move_world_gradients(const at::Tensor& memory) {
  world_gradients_ = memory;
  trunk_storage_.move_gradients(memory.narrow(0, 0, trunk_storage_.values().numel()));
  for (std::size_t s = 0; s < storages_.size(); ++s)
    if (world_begins_[s] >= 0)
      storages_[s].move_gradients(memory.narrow(0, world_begins_[s], set_elements_[s]));
}

void MultiTaskModel::initialize(uint64_t seed) {
  const at::NoGradGuard no_grad;
  fill(trunk_storage_.parameters(), trunk_->parameters(), "trunk.", seed);
  for (const std::size_t p : held_)
    fill(parameters(parts_[p]), *parts_[p].specs, parts_[p].name + ".", seed);
}

Parameters MultiTaskModel::parameters(const Part& part) const {
  return storages_[part.set].parameters().subspan(part.first, part.entries.size());
}

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
  return trunk_->forward(trunk_storage_.parameters(), adapt(source, x, context), context);
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
  return split(trunk_->forward(trunk_storage_.parameters(), at::cat(adapted), context), rows);
}

at::Tensor MultiTaskModel::adapt(std::size_t source, const at::Tensor& x,
                                 const Context& context) const {
  const Stem* stem = stems_[source].get();
  return stem ? stem->forward(parameters(parts_[stem_parts_[source]]), x, context) : x;
}

at::Tensor MultiTaskModel::head(std::size_t t, const TrunkOutput& trunk,
                                const Context& context) const {
  const Autocast autocast(compute_.bf16, compute_.device.type());
  return tasks_[t]->forward(parameters(parts_[t]), trunk, context).to(type_);
}

std::vector<Slice> MultiTaskModel::slices() {
  std::vector<Slice> slices;
  slices.push_back(
      slice_of("trunk", trunk_storage_, 0, trunk_storage_.values().size(0), trunk_entries()));
  for (const std::size_t p : held_) {
    const Part& part = parts_[p];
    slices.push_back(slice_of(part.name, storages_[part.set], part.begin, part.end, part.entries));
  }
  return slices;
}

at::Tensor MultiTaskModel::part_gradient(std::size_t p) {
  const Part& part = parts_[p];
  return storages_[part.set].gradients().narrow(0, part.begin, part.end - part.begin);
}

void MultiTaskModel::zero_gradients(const DirectGradients& direct) {
  const auto keep = [&](const at::Tensor& parameter) { return direct.replaces(parameter); };
  trunk_storage_.zero_gradients(keep);
  for (FlatStorage& storage : storages_)
    if (storage.values().defined()) storage.zero_gradients(keep);
}

void MultiTaskModel::zero_gradients() {
  trunk_storage_.zero_gradients();
  for (FlatStorage& storage : storages_)
    if (storage.values().defined()) storage.zero_gradients();
}

std::vector<std::size_t> stem_sources(const Config& config) {
  std::vector<std::size_t> sources;
  for (std::size_t s = 0; s < config.sources.size(); ++s)
    if (config.sources[s].second.stem.exists()) sources.push_back(s);
  return sources;
}

}  // namespace trunkline
