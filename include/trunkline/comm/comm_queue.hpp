// One thread per rank that makes every communication call, in the order of submission.
#pragma once

#include <exception>
#include <functional>
#include <future>
#include <utility>

#include "trunkline/core/work_queue.hpp"

namespace trunkline {

/// What a submitted call will be: done, or failed with an exception.
class Work {
 public:
  Work() = default;  ///< nothing to wait for
  explicit Work(std::future<void> done) : done_(std::move(done)) {}

  /// Blocks until the call has returned; rethrows what it threw. A second wait returns at once.
  void wait();

 private:
  std::future<void> done_;
};

/// Runs submitted calls one after the other on its own thread, so that MPI is only ever entered by
/// one thread while the training thread goes on. After a call has thrown, all later ones fail with
/// the same exception unrun: a rank never goes on to a collective that its peers do not expect.
/// Thread-safe; the destructor runs what was submitted.
class CommQueue {
 public:
  Work submit(std::function<void()> call);

  /// submit and wait.
  void run(std::function<void()> call) { submit(std::move(call)).wait(); }

 private:
  std::exception_ptr failure_;  // of the first call that threw; touched by the queue's thread only
  WorkQueue queue_;             // last: what it still runs uses the member above
};

}  // namespace trunkline
