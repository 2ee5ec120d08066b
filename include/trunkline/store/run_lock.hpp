// One run folder, one running program.
#pragma once

#include <filesystem>

namespace trunkline {

/// Holds RUN/lock (flock) for its life; the lock goes with the process, however it ends.
class RunLock {
 public:
  /// @throws UsageError "RUN is in use by process PID on HOST since TIME; …"
  explicit RunLock(const std::filesystem::path& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace trunkline
