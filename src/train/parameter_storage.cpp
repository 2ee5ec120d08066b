#include "trunkline/train/parameter_storage.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

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

ParameterStorage::ParameterStorage(const std::vector<ParameterSpec>& trunk,
                                   const std::vector<PartSpecs>& parts, const Plan& plan, int rank,
                                   c10::TensorOptions options)
    : trunk_specs_(&trunk), trunk_entries_(entries_of(trunk, "trunk.")) {
  const auto element_size = static_cast<int64_t>(options.dtype().itemsize());
  for (const PartSpecs& part : parts) {
    parts_.push_back({part, entries_of(*part.specs, part.name + ".")});
    flat_layout(parts_.back().entries, element_size);
  }
  place_parts(plan, element_size);
  allocate(plan, rank, options);
}

void ParameterStorage::place_parts(const Plan& plan, int64_t element_size) {
  for (const auto& holder_set : plan.holder_sets) {
    std::vector<FlatEntry>& entries = set_entries_.emplace_back();
    for (const std::size_t p : holder_set.parts) {
      Part& part = parts_[p];
      part.set = set_entries_.size() - 1;
      part.first = entries.size();
      part.begin = flat_layout(entries, element_size);
      entries.insert(entries.end(), part.entries.begin(), part.entries.end());
      part.end = flat_layout(entries, element_size);
    }
    set_elements_.push_back(flat_layout(entries, element_size));
  }
}

void ParameterStorage::allocate(const Plan& plan, int rank, c10::TensorOptions options) {
  const int64_t trunk =
      flat_layout(trunk_entries_, static_cast<int64_t>(options.dtype().itemsize()));
  int64_t world = trunk;
  for (std::size_t s = 0; s < set_entries_.size(); ++s) {
    world_begins_.push_back(plan.world_wide(s) ? world : -1);
    if (plan.world_wide(s)) world += set_elements_[s];
  }
  const auto zeros = [&](int64_t elements) { return at::zeros({elements}, options); };
  world_values_ = zeros(world);
  world_gradients_ = zeros(world);
  trunk_ = {trunk_entries_, world_values_.narrow(0, 0, trunk),
            world_gradients_.narrow(0, 0, trunk)};
  for (std::size_t s = 0; s < set_entries_.size(); ++s) {
    const int64_t begin = world_begins_[s], elements = set_elements_[s];
    if (begin >= 0)
      sets_.emplace_back(set_entries_[s], world_values_.narrow(0, begin, elements),
                         world_gradients_.narrow(0, begin, elements));
    else if (plan.holder_sets[s].contains(rank))
      sets_.emplace_back(set_entries_[s], zeros(elements), zeros(elements));
    else
      sets_.emplace_back();
  }
  for (std::size_t p = 0; p < parts_.size(); ++p)
    if (plan.holds(rank, p)) held_.push_back(p);
}

void ParameterStorage::initialize(uint64_t seed) {
  const at::NoGradGuard no_grad;
  fill(trunk_.parameters(), *trunk_specs_, "trunk.", seed);
  for (const std::size_t p : held_) fill(part(p), *parts_[p].specs, parts_[p].name + ".", seed);
}

Parameters ParameterStorage::part(std::size_t p) const {
  const Part& part = parts_[p];
  return sets_[part.set].parameters().subspan(part.first, part.entries.size());
}

at::Tensor ParameterStorage::part_gradient(std::size_t p) const {
  const Part& part = parts_[p];
  return sets_[part.set].gradients().narrow(0, part.begin, part.end - part.begin);
}

std::vector<BucketEntry> ParameterStorage::world_entries() const {
  std::vector<BucketEntry> all;
  const auto add = [&](const FlatStorage& storage, int64_t begin) {
    for (std::size_t i = 0; i < storage.entries().size(); ++i) {
      const FlatEntry& entry = storage.entries()[i];
      all.push_back({storage.parameters()[i], begin + entry.begin, begin + entry.end()});
    }
  };
  add(trunk_, 0);
  for (std::size_t s = 0; s < sets_.size(); ++s)
    if (world_begins_[s] >= 0) add(sets_[s], world_begins_[s]);
  return all;
}

void ParameterStorage::move_world_gradients(const at::Tensor& memory) {
  world_gradients_ = memory;
  trunk_.move_gradients(memory.narrow(0, 0, trunk_.values().numel()));
  for (std::size_t s = 0; s < sets_.size(); ++s)
    if (world_begins_[s] >= 0)
      sets_[s].move_gradients(memory.narrow(0, world_begins_[s], set_elements_[s]));
}

std::vector<Slice> ParameterStorage::slices() const {
  std::vector<Slice> slices;
  slices.push_back(slice_of("trunk", trunk_, 0, trunk_.values().size(0), trunk_entries_));
  for (const std::size_t p : held_) {
    const Part& part = parts_[p];
    slices.push_back(slice_of(part.name, sets_[part.set], part.begin, part.end, part.entries));
  }
  return slices;
}

void ParameterStorage::zero_gradients(const DirectGradients& direct) {
  const auto keep = [&](const at::Tensor& parameter) { return direct.replaces(parameter); };
  trunk_.zero_gradients(keep);
  for (FlatStorage& storage : sets_)
    if (storage.values().defined()) storage.zero_gradients(keep);
}

void ParameterStorage::zero_gradients() {
  trunk_.zero_gradients();
  for (FlatStorage& storage : sets_)
    if (storage.values().defined()) storage.zero_gradients();
}

}  // namespace trunkline
