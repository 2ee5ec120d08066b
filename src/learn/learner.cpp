#include "trunkline/learn/learner.hpp"

#include <ATen/ops/tensor.h>

#include "trunkline/core/random.hpp"
#include "trunkline/model/autocast.hpp"

namespace trunkline {
namespace {

void append(Tensors& all, Parameters parameters) {
  all.insert(all.end(), parameters.begin(), parameters.end());
}

EpisodeRows select(const EpisodeRows& rows, const std::vector<int64_t>& places) {
  const at::Tensor on_host = at::tensor(places, c10::TensorOptions(c10::kLong));
  const at::Tensor index = on_host.to(rows.x.device());
  EpisodeRows some{
      rows.x.index_select(0, index),
      {rows.target.values.index_select(0, index), rows.target.valid.index_select(0, index),
       rows.target.weight.index_select(0, index)},
      rows.context};
  for (SourceRows& source : some.context.rows)
    source.samples = source.samples.index_select(0, on_host);
  return some;
}

// Rows k * batch, … of an endless shuffled order.
std::vector<int64_t> places_of_step(int64_t step, int64_t batch, int64_t rows, uint64_t k) {
  std::vector<int64_t> places;
  for (int64_t i = step * batch; i < (step + 1) * batch; ++i) {
    const uint64_t pass = key({k, static_cast<uint64_t>(i / rows)});
    places.push_back(static_cast<int64_t>(
        permute(static_cast<uint64_t>(i % rows), static_cast<uint64_t>(rows), pass)));
  }
  return places;
}

}  // namespace

Learner::Learner(const MultiTaskModel& model, std::size_t task, std::size_t source, bool head_only)
    : model_(model), task_(task), stem_(model.stem(source)), head_only_(head_only) {
  append(all_, model.storage().trunk().parameters());
  stem_begin_ = all_.size();
  if (stem_ != nullptr) append(all_, model.stem_parameters(source));
  head_begin_ = all_.size();
  append(all_, model.head_parameters(task));
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (!all_[i].requires_grad()) continue;
    moving_.push_back(i);
    if (!head_only || i >= head_begin_) adapting_.push_back(i);
  }
}

Tensors Learner::pick(const std::vector<std::size_t>& places) const {
  Tensors picked;
  for (const std::size_t i : places) picked.push_back(all_[i]);
  return picked;
}

// All parameters, the adapted ones in the place of those that the loop began with.
Tensors Learner::with(const Tensors& adapted) const {
  Tensors all = all_;
  for (std::size_t i = 0; i < adapted.size(); ++i) all[adapting_[i]] = adapted[i];
  return all;
}

TrunkOutput Learner::shared(const Tensors& all, const EpisodeRows& rows) const {
  const Autocast autocast(model_.compute().bf16, model_.device().type());
  const Parameters parameters(all);
  at::Tensor x = rows.x;
  if (stem_ != nullptr)
    x = stem_->forward(parameters.subspan(stem_begin_, head_begin_ - stem_begin_), x, rows.context);
  return model_.trunk().forward(parameters.first(stem_begin_), x, rows.context);
}

at::Tensor Learner::head(const Tensors& all, const TrunkOutput& trunk,
                         const Context& context) const {
  const Autocast autocast(model_.compute().bf16, model_.device().type());
  const Parameters parameters = Parameters(all).subspan(head_begin_);
  return model_.task(task_).forward(parameters, trunk, context).to(parameters[0].scalar_type());
}

at::Tensor Learner::output(const Tensors& adapted, const EpisodeRows& rows) const {
  const Tensors all = with(adapted);
  return head(all, shared(all, rows), rows.context);
}

at::Tensor Learner::mean_loss(const at::Tensor& output, const Target& target) const {
  const Task& task = model_.task(task_);
  return task.loss_sum(output, target).div(task.count(target).weight);
}

// Where the head alone adapts, what is behind it is computed once for all inner steps.
std::function<at::Tensor(const Tensors&)> Learner::loss_of(const EpisodeRows& rows) const {
  if (!head_only_)
    return [this, &rows](const Tensors& adapted) {
      return mean_loss(output(adapted, rows), rows.target);
    };
  return [this, &rows, trunk = shared(all_, rows)](const Tensors& adapted) {
    return mean_loss(head(with(adapted), trunk, rows.context), rows.target);
  };
}

EpisodeLosses Learner::losses(const Episode& episode) const {
  return {
      [loss = loss_of(episode.support)](const Tensors& adapted, int64_t) { return loss(adapted); },
      loss_of(episode.query)};
}

EpisodeLosses Learner::losses(const EpisodeRows& rows, int64_t batch, uint64_t key) const {
  const std::function<at::Tensor(const Tensors&)> whole = loss_of(rows);
  if (batch == 0 || batch >= rows.rows())
    return {[whole](const Tensors& adapted, int64_t) { return whole(adapted); }, whole};
  return {[this, &rows, batch, key](const Tensors& adapted, int64_t step) {
            const EpisodeRows some = select(rows, places_of_step(step, batch, rows.rows(), key));
            return mean_loss(output(adapted, some), some.target);
          },
          whole};
}

}  // namespace trunkline
