// One thread that runs calls in the order of their submission.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace trunkline {

/// For what only one thread may do, or what should go on beside the thread that asked for it.
/// Thread-safe; the destructor runs what was submitted, and must not be called on the queue's
/// thread.
class WorkQueue {
 public:
  WorkQueue();
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// @return ready once the call has returned, or has thrown, and is destroyed: nothing that it
  /// holds outlives the wait. get() rethrows what it threw
  std::future<void> submit(std::function<void()> call);

  /// Whether this is the queue's thread.
  bool is_current() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  struct Job {
    std::function<void()> call;
    std::promise<void> done;
  };
  static void run(Job& job);
  void loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the members above
};

}  // namespace trunkline
