// One run folder, one running program.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace trunkline {

/// Holds RUN/lock (flock) for its life; the lock goes with the process, however it ends.
class RunLock {
 public:
  /// Creates the folder if need be.
  /// @throws UsageError "RUN is in use by process PID on HOST since TIME; …"
  explicit RunLock(const std::filesystem::path& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// False on a file system without locks (some network ones): the run goes on unprotected, and
  /// the caller says so.
  bool held() const { return held_; }

 private:
  int descriptor_ = -1;
  bool held_ = false;
};

/// What can be seen of a run's lock from outside.
struct LockState {
  bool known = true;                       ///< false on a file system without locks
  std::optional<std::string> holder = {};  ///< "process PID on HOST since TIME"
};

/// Looks whether a run is in use, without using it. A run without a lock file is not.
LockState look_at_lock(const std::filesystem::path& run);

}  // namespace trunkline
