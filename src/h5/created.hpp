// Failures of an output file: exit code "disk" and the system's reason, instead of "bad data".
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/handle.hpp"

namespace trunkline::h5 {

/// The last system error in brackets, or nothing: HDF5 leaves errno behind when a write fails.
inline std::string system_reason() {
  return errno == 0 ? "" : " (" + std::generic_category().message(errno) + ")";
}

/// @throws CheckpointError "WHAT: cannot be written (reason)" unless the condition holds
inline void check_written(bool written, const std::string& what) {
  check<CheckpointError>(written, "{}: cannot be written{}", what, system_reason());
}

/// Owns an identifier that an H5?create call has returned. @throws CheckpointError if it failed
inline Handle created(hid_t id, Handle::Close close, const std::string& what) {
  check_written(id >= 0, what);
  return {id, close, what};
}

}  // namespace trunkline::h5
