#include "trunkline/comm/comm_queue.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace trunkline {
namespace {

struct Job {
  std::function<void()> call;
  std::promise<void> done;
};

/// Runs the call and destroys it, so that nothing it holds outlives the wait.
void consume(std::function<void()>& call) { std::exchange(call, nullptr)(); }

}  // namespace

void Work::wait() {
  if (done_.valid()) done_.get();
}

class CommQueue::Thread {
 public:
  Thread() : thread_([this] { loop(); }) {}

  ~Thread() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  Work submit(std::function<void()> call) {
    Job job{std::move(call), {}};
    Work work(job.done.get_future());
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return work;
  }

 private:
  void loop() {
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

  void run(Job& job) {
    if (!failure_) {
      try {
        consume(job.call);
      } catch (...) {
        failure_ = std::current_exception();
      }
    }
    if (failure_)
      job.done.set_exception(failure_);
    else
      job.done.set_value();
  }

  std::exception_ptr failure_;  // of the first call that threw; touched by the thread only
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the members above
};

CommQueue::CommQueue() : thread_(std::make_unique<Thread>()) {}
CommQueue::~CommQueue() = default;

Work CommQueue::submit(std::function<void()> call) { return thread_->submit(std::move(call)); }

}  // namespace trunkline
