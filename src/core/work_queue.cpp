#include "trunkline/core/work_queue.hpp"

#include <exception>
#include <utility>

namespace trunkline {

WorkQueue::WorkQueue() : thread_([this] { loop(); }) {}

WorkQueue::~WorkQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::future<void> WorkQueue::submit(std::function<void()> call) {
  Job job{std::move(call), {}};
  std::future<void> done = job.done.get_future();
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return done;
}

void WorkQueue::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    run(job);
    lock.lock();
  }
}

void WorkQueue::run(Job& job) {
  try {
    std::exchange(job.call, nullptr)();
    job.done.set_value();
  } catch (...) {
    job.done.set_exception(std::current_exception());
  }
}

}  // namespace trunkline
