// The one thread of a process that calls the HDF5 library.
#pragma once

#include <functional>

#include "trunkline/core/work_queue.hpp"

namespace trunkline {

/// The HDF5 library is not thread-safe as Debian builds it, so every call of the process goes
/// through one thread. An object that is handed around, not a singleton; ranks that are threads of
/// one process share one.
class IoThread {
 public:
  IoThread();
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Runs a function on the thread and waits; rethrows what it threw. From the thread itself: runs
  /// at once. Thread-safe.
  void run(const std::function<void()>& function);

 private:
  WorkQueue queue_;
};

}  // namespace trunkline
