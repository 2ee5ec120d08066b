#include "trunkline/exchange/reducer.hpp"

namespace trunkline {

void describe(Keys& keys, CommOptions& o) {
  keys.choice(
      "backend", o.backend, {"auto", "mpi", "nccl"},
      "what sums gradients; auto: nccl between GPUs, mpi between cores and where ranks share "
      "a GPU");
  keys.choice(
      "overlap", o.overlap, {"auto", "on", "off"},
      "whether gradients leave in buckets while backward is running; auto: what a rehearsal "
      "of the first step finds faster");
  keys.value("bucket_mib", o.bucket_mib, "least size of a bucket in MiB",
             {.min = 0,
              .exclusive_min = true,
              .when = o.overlap != "off",
              .when_text = "overlap: auto or on"});
}

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

void Reducer::overlap(const at::Tensor& gradient, std::vector<BucketEntry> entries,
                      int64_t bucket_elements) {
  buckets_.reset();  // takes its hooks off before others are put on
  if (entries.empty() || world_.size() == 1) return;
  const auto send = [this, gradient](int64_t begin, int64_t end) {
    submit_world(gradient.narrow(0, begin, end - begin));
  };
  buckets_ = std::make_unique<Buckets>(std::move(entries), gradient.numel(), bucket_elements, send);
}

void Reducer::last_backward() {
  if (buckets_) buckets_->arm();
}

void Reducer::sum_world(const at::Tensor& gradient) {
  if (world_.size() == 1) return;
  if (buckets_)
    buckets_->finish();
  else
    submit_world(gradient);
}

void Reducer::submit_world(at::Tensor part) {
  pending_.push_back(queue_.submit([this, part]() mutable { world_.all_reduce(part); }));
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
