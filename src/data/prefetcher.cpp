#include "prefetcher.hpp"

#include <algorithm>

namespace trunkline {

Prefetcher::Prefetcher(std::function<Batch()> produce, int64_t depth)
    : produce_(std::move(produce)),
      depth_(static_cast<std::size_t>(std::max<int64_t>(1, depth))),
      thread_([this] { loop(); }) {}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Batch Prefetcher::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || failure_; });
  if (ready_.empty()) std::rethrow_exception(failure_);
  Batch batch = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batch;
}

void Prefetcher::loop() {
  try {
    while (put(produce_())) {
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

// False once nobody wants more.
bool Prefetcher::put(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || ready_.size() < depth_; });
  if (stopping_) return false;
  ready_.push_back(std::move(batch));
  changed_.notify_all();
  return true;
}

}  // namespace trunkline
