#include "trunkline/exchange/reducer.hpp"

namespace trunkline {

Reducer::Reducer(Communicator& world, CommQueue& queue, const Plan& plan)
    : queue_(queue), world_(world) {
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s) {
    const HolderSet& set = plan.holder_sets[s];
    sets_.emplace_back();
    if (plan.world_wide(s) || set.ranks.size() == 1) continue;
    const int color = set.contains(world.rank()) ? 0 : -1;
    queue_.run([&] { sets_[s] = world.split(color, world.rank()); });
  }
}

void Reducer::sum_world(at::Tensor gradient) {
  if (world_.size() == 1) return;
  pending_.push_back(queue_.submit([this, gradient]() mutable { world_.all_reduce(gradient); }));
}

void Reducer::sum_parts(std::size_t holder_set, at::Tensor gradient) {
  Communicator* ranks = sets_[holder_set].get();
  if (ranks == nullptr) return;
  pending_.push_back(queue_.submit([ranks, gradient]() mutable { ranks->all_reduce(gradient); }));
}

void Reducer::wait() {
  for (Work& work : pending_) work.wait();
  pending_.clear();
}

}  // namespace trunkline
