#include "trunkline/train/multi_task_model.hpp"

#include <ATen/core/grad_mode.h>

#include "trunkline/model/input.hpp"

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

}  // namespace

MultiTaskModel::MultiTaskModel(const ModelDescription& description, const Plan& plan, int rank,
                               c10::ScalarType type)
    : trunk_(make_trunk(description.trunk, input_shape(description.input))),
      trunk_storage_(entries_of(trunk_->parameters(), "trunk."), type) {
  for (std::size_t t = 0; t < description.tasks.size(); ++t) {
    const auto& [name, options] = description.tasks[t];
    tasks_.push_back(make_task(name, options, description.targets[t], trunk_->width()));
    head_entries_.push_back(entries_of(tasks_[t]->parameters(), "heads." + name + "."));
    flat_layout(head_entries_[t], static_cast<int64_t>(c10::elementSize(type)));
  }
  place_heads(plan, rank, type);
}

void MultiTaskModel::place_heads(const Plan& plan, int rank, c10::ScalarType type) {
  places_.resize(tasks_.size());
  const auto element = static_cast<int64_t>(c10::elementSize(type));
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) {
    std::vector<FlatEntry> entries;
    for (const std::size_t t : plan.holder_sets[s].tasks) {
      places_[t] = {s, entries.size(), head_entries_[t].size(), flat_layout(entries, element), 0};
      entries.insert(entries.end(), head_entries_[t].begin(), head_entries_[t].end());
      places_[t].end = flat_layout(entries, element);
    }
    set_elements_.push_back(flat_layout(entries, element));
    const bool held = plan.holder_sets[s].contains(rank);
    head_storages_.push_back(held ? FlatStorage(std::move(entries), type) : FlatStorage());
  }
  for (std::size_t t = 0; t < tasks_.size(); ++t)
    if (plan.holds(rank, t)) held_.push_back(t);
}

void MultiTaskModel::initialize(uint64_t seed) {
  const at::NoGradGuard no_grad;
  fill(trunk_storage_.parameters(), trunk_->parameters(), "trunk.", seed);
  for (const std::size_t t : held_)
    fill(head(t), tasks_[t]->parameters(), "heads." + tasks_[t]->name() + ".", seed);
}

Parameters MultiTaskModel::head(std::size_t t) const {
  const Place& place = places_[t];
  return head_storages_[place.set].parameters().subspan(place.first, place.count);
}

std::vector<at::Tensor> MultiTaskModel::forward(const std::vector<std::size_t>& tasks,
                                                const at::Tensor& x, const Context& context) const {
  const TrunkOutput shared = trunk_->forward(trunk_storage_.parameters(), x, context);
  std::vector<at::Tensor> outputs;
  for (const std::size_t t : tasks) outputs.push_back(tasks_[t]->forward(head(t), shared, context));
  return outputs;
}

std::vector<Slice> MultiTaskModel::slices() {
  std::vector<Slice> slices;
  slices.push_back(
      slice_of("trunk", trunk_storage_, 0, trunk_storage_.values().size(0), trunk_entries()));
  for (const std::size_t t : held_) {
    const Place& place = places_[t];
    slices.push_back(slice_of("heads." + tasks_[t]->name(), head_storages_[place.set], place.begin,
                              place.end, head_entries_[t]));
  }
  return slices;
}

at::Tensor MultiTaskModel::head_gradient(std::size_t t) {
  const Place& place = places_[t];
  return head_storages_[place.set].gradients().narrow(0, place.begin, place.end - place.begin);
}

void MultiTaskModel::zero_gradients() {
  trunk_storage_.zero_gradients();
  for (FlatStorage& storage : head_storages_)
    if (storage.values().defined()) storage.zero_gradients();
}

}  // namespace trunkline
