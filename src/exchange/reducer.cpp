#include "trunkline/exchange/reducer.hpp"

namespace trunkline {

Reducer::Reducer(Communicator& world, CommQueue& queue, const Plan& plan)
    : queue_(queue), world_(world), whole_world_(plan.holder_sets.size(), false) {
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) {
    const HolderSet& set = plan.holder_sets[s];
    sets_.emplace_back();
    whole_world_[s] = static_cast<int>(set.ranks.size()) == world.size();
    if (whole_world_[s] || set.ranks.size() == 1) continue;
    const int color = set.contains(world.rank()) ? 0 : -1;
    queue_.run([&] { sets_[s] = world.split(color, world.rank()); });
  }
}

void Reducer::sum_trunk(at::Tensor gradient) {
  if (world_.size() == 1) return;
  pending_.push_back(queue_.submit([this, gradient]() mutable { world_.all_reduce(gradient); }));
}

void Reducer::sum_heads(std::size_t holder_set, at::Tensor gradient) {
  Communicator* ranks = whole_world_[holder_set] ? &world_ : sets_[holder_set].get();
  if (ranks == nullptr || ranks->size() == 1) return;
  pending_.push_back(queue_.submit([ranks, gradient]() mutable { ranks->all_reduce(gradient); }));
}

void Reducer::wait() {
  for (Work& work : pending_) work.wait();
  pending_.clear();
}

}  // namespace trunkline
