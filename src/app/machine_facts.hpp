// What a process finds around it: cores, memory, shared memory, the current folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace trunkline {

/// Cores that this process may run on: its affinity mask.
int64_t bound_cores();

/// Cores of the machine.
int64_t machine_cores();

/// OMP_NUM_THREADS, where it is set to a positive number.
std::optional<int64_t> wished_threads();

/// Bytes that may be allocated: of the machine, or of the control group if that allows less.
std::optional<double> memory_limit();

/// Bytes of the file system that holds a folder. Nothing where it is not there.
struct FileSystemSpace {
  double total = 0, free = 0;
};
std::optional<FileSystemSpace> space_of(const std::string& folder);

/// Tries to write and to lock a file in the current folder. @return why it failed; empty if it
/// works
std::string writing_problem();
std::string locking_problem();

}  // namespace trunkline
