#include "trunkline/h5/io_thread.hpp"

#include <hdf5.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "trunkline/h5/handle.hpp"

namespace trunkline {

class IoThread::Thread {
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

  bool is_current() const { return std::this_thread::get_id() == thread_.get_id(); }

  void run(const std::function<void()>& function) {
    std::packaged_task<void()> task(function);
    std::future<void> done = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    done.get();
  }

 private:
  void loop() {
    h5::quiet_library();
    run_tasks();
    H5Eclear2(H5E_DEFAULT);  // the library would leak what the last failure left on the thread
  }

  void run_tasks() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      std::packaged_task<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the members above
};

IoThread::IoThread() : thread_(std::make_unique<Thread>()) {}
IoThread::~IoThread() = default;

void IoThread::run(const std::function<void()>& function) {
  if (thread_->is_current()) return function();
  thread_->run(function);
}

}  // namespace trunkline
