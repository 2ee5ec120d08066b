#include "trunkline/train/trainable.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

double rate_of(const PartRates& rates, const std::string& name) {
  if (name.starts_with("heads.")) return rates.heads;
  return name.starts_with("stems.") ? rates.stems : rates.trunk;
}

// How many layers are frozen at first; a trunk whose rate is 0 is frozen for good, one with
// adapters but for these.
int64_t frozen_at_first(const FinetuneOptions& options, int64_t layers) {
  if (options.freeze == "trunk" || options.lr.trunk == 0.0) return layers;
  if (options.lora.given()) return layers - 1;
  int64_t count = 0;
  if (options.freeze != "none")
    std::from_chars(options.freeze.data(), options.freeze.data() + options.freeze.size(), count);
  check<UsageError>(count <= layers,
                    "finetune.freeze: {}, but the trunk has {} layers; give at most that many",
                    count, layers);
  return count;
}

bool thaws(const FinetuneOptions& options) {
  return options.freeze != "none" && options.unfreeze.every > 0 && options.lr.trunk > 0.0;
}

std::vector<SliceEntry> entries_of(const std::vector<FlatEntry>& entries, std::size_t begin,
                                   std::size_t end, bool decay) {
  std::vector<SliceEntry> result;
  for (std::size_t i = begin; i < end; ++i)
    result.push_back(
        {entries[i].name, entries[i].begin, entries[i].end(), entries[i].shape, decay});
  return result;
}

// Layers [first, last) of the trunk as one slice; the pull takes the place of weight decay.
SliceLayout trunk_slice(const std::string& name, const FinetuneOptions& options,
                        const MultiTaskModel& model, int64_t first, int64_t last) {
  const std::vector<TrunkLayer> layers = trunk_layers(model.trunk().parameters());
  const bool pulled = options.l2_sp > 0.0;
  return {name,
          entries_of(model.storage().trunk_entries(), layers[first].begin, layers[last - 1].end,
                     !pulled),
          pulled, first, last};
}

std::vector<SliceLayout> trunk_slices(const FinetuneOptions& options, const MultiTaskModel& model) {
  const std::vector<TrunkLayer> layers = trunk_layers(model.trunk().parameters());
  const auto count = static_cast<int64_t>(layers.size());
  const int64_t frozen = frozen_at_first(options, count);
  std::vector<SliceLayout> slices;
  if (thaws(options))
    for (int64_t i = 0; i < count; ++i)
      slices.push_back(trunk_slice("trunk." + layers[i].name, options, model, i, i + 1));
  else if (frozen < count)
    slices.push_back(trunk_slice("trunk", options, model, frozen, count));
  return slices;
}

// A piece of the model's own slice: its entries, counted from its begin.
Slice piece_of(const Slice& whole, const SliceLayout& layout, double rate, int64_t begin,
               int64_t end) {
  Slice slice{layout.name, whole.parameters.narrow(0, begin, end - begin),
              whole.gradient.narrow(0, begin, end - begin), rate, layout.entries};
  for (SliceEntry& entry : slice.entries) {
    entry.begin -= begin;
    entry.end -= begin;
  }
  return slice;
}

}  // namespace

std::vector<SliceLayout> slice_layout(const FinetuneOptions& options, const MultiTaskModel& model) {
  std::vector<SliceLayout> slices = trunk_slices(options, model);
  for (std::size_t p = 0; p < model.storage().parts(); ++p) {
    const std::vector<FlatEntry>& entries = model.storage().part_entries(p);
    if (rate_of(options.lr, model.storage().part_name(p)) > 0.0)
      slices.push_back(
          {model.storage().part_name(p), entries_of(entries, 0, entries.size(), true)});
  }
  check<UsageError>(!slices.empty(),
                    "finetune: nothing is left to train: the trunk is frozen, and so are all heads "
                    "and stems by finetune.lr");
  return slices;
}

Trainable::Trainable(const FinetuneOptions& options, int64_t steps_per_epoch, const Plan& plan,
                     MultiTaskModel& model)
    : options_(options),
      steps_per_epoch_(steps_per_epoch),
      model_(model),
      layers_(trunk_layers(model.trunk().parameters())) {
  const std::vector<Slice> held = model.storage().slices();
  for (const SliceLayout& layout : slice_layout(options, model)) add(layout, held);
  freeze_parts(plan);
  freeze(frozen_at(0));
}

void Trainable::check_moves(int64_t total_steps) const {
  const auto all = static_cast<int64_t>(layers_.size());
  const std::vector<SliceLayout> slices = slice_layout(options_, model_);
  const bool parts = std::ranges::any_of(slices, [](const auto& s) { return !s.of_trunk(); });
  check<UsageError>(parts || frozen_at(std::max<int64_t>(total_steps - 1, 0)) < all,
                    "finetune: nothing is trained within {} steps: the trunk is still frozen, and "
                    "so are all heads and stems by finetune.lr; unfreeze sooner or train longer",
                    total_steps);
}

// @param held the model's own slices: the trunk, then the held parts
void Trainable::add(const SliceLayout& layout, const std::vector<Slice>& held) {
  const double rate = rate_of(options_.lr, layout.name);
  if (layout.of_trunk()) {
    const int64_t begin = begin_of(layout.first_layer), end = begin_of(layout.last_layer);
    slices_.push_back(piece_of(held[0], layout, rate, begin, end));
    slices_.back().pull = options_.l2_sp;
    first_layers_.push_back(layout.first_layer);
    return;
  }
  for (std::size_t i = 0; i < model_.storage().held_parts().size(); ++i) {
    const Slice& part = held[i + 1];
    if (part.name != layout.name) continue;
    slices_.push_back(piece_of(part, layout, rate, 0, part.parameters.numel()));
    parts_.push_back(model_.storage().held_parts()[i]);
  }
}

void Trainable::freeze_parts(const Plan& plan) {
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) {
    const FlatStorage& storage = model_.storage().set(s);
    for (std::size_t i = 0; i < storage.entries().size(); ++i)
      storage.parameters()[i].set_requires_grad(rate_of(options_.lr, storage.entries()[i].name) >
                                                0.0);
  }
}

void Trainable::freeze(int64_t layers) {
  frozen_ = layers;
  const auto parameters = model_.storage().trunk().parameters();
  for (std::size_t l = 0; l < layers_.size(); ++l)
    for (std::size_t i = layers_[l].begin; i < layers_[l].end; ++i)
      parameters[i].set_requires_grad(static_cast<int64_t>(l) >= layers);
}

int64_t Trainable::frozen_at(int64_t step) const {
  const int64_t first = frozen_at_first(options_, static_cast<int64_t>(layers_.size()));
  if (!thaws(options_)) return first;
  return std::max<int64_t>(0, first - step / steps_per_epoch_ / options_.unfreeze.every);
}

int64_t Trainable::begin_of(int64_t layer) const {
  if (layer == static_cast<int64_t>(layers_.size()))
    return model_.storage().trunk().values().numel();
  return model_.storage().trunk_entries()[layers_[layer].begin].begin;
}

bool Trainable::begin_step(int64_t step) {
  const int64_t frozen = frozen_at(step);
  if (frozen == frozen_) return false;
  freeze(frozen);
  return true;
}

std::vector<Slice> Trainable::slices() const { return slices_; }

std::vector<bool> Trainable::active(bool trunk, const std::vector<bool>& parts) const {
  std::vector<bool> active;
  for (const int64_t layer : first_layers_) active.push_back(trunk && layer >= frozen_);
  for (const std::size_t part : parts_) active.push_back(parts[part]);
  return active;
}

at::Tensor Trainable::world_gradients() const {
  const at::Tensor& all = model_.storage().world_gradients();
  return all.narrow(0, frozen_elements(), all.numel() - frozen_elements());
}

std::vector<BucketEntry> Trainable::world_entries() const {
  std::vector<BucketEntry> entries;
  for (const BucketEntry& entry : model_.storage().world_entries())
    if (entry.parameter.requires_grad())
      entries.push_back(
          {entry.parameter, entry.begin - frozen_elements(), entry.end - frozen_elements()});
  return entries;
}

at::Tensor Trainable::trunk_gradients() const {
  const at::Tensor& all = model_.storage().trunk().gradients();
  return all.narrow(0, frozen_elements(), all.numel() - frozen_elements());
}

int64_t Trainable::trunk_parameters() const {
  int64_t count = 0;
  for (const at::Tensor& parameter : model_.storage().trunk().parameters())
    if (parameter.requires_grad()) count += parameter.numel();
  return count;
}

int64_t Trainable::frozen_elements() const { return begin_of(frozen_); }

std::string describe_finetuning(const FinetuneOptions& options, const Trainable& trainable) {
  std::vector<std::string> facts;
  const std::vector<TrunkLayer>& layers = trainable.layers();
  if (options.lora.given())
    facts.push_back(fmt::format("the trunk is frozen but for {} parameters of adapters of rank {}",
                                trainable.trunk_parameters(), *options.lora.rank));
  else if (const int64_t frozen = trainable.frozen_layers(); frozen > 0) {
    std::vector<std::string> names;
    for (int64_t i = 0; i < frozen; ++i) names.push_back(layers[i].name);
    facts.push_back(fmt::format("{} of {} layers of the trunk are frozen{} ({})", frozen,
                                layers.size(), thaws(options) ? " at first" : "",
                                fmt::join(names, ", ")));
    if (thaws(options))
      facts.push_back(fmt::format("one more is trained after every {} epochs, from the heads down",
                                  options.unfreeze.every));
  }
  if (options.l2_sp > 0.0)
    facts.push_back(fmt::format("the trunk is pulled to its first values by {:g}", options.l2_sp));
  return fmt::format("{}", fmt::join(facts, "; "));
}

}  // namespace trunkline
