// The exceptions of trunkline, one small tree, and the exit code that each of them stands for.
#pragma once

#include <fmt/format.h>

#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>

namespace trunkline {

/// What the program returns to its launcher (Slurm reads 85 as "requeue me").
enum class ExitCode : int {
  kDone = 0,
  kUsage = 2,
  kData = 3,
  kCheckpoint = 4,
  kNumeric = 5,
  kCommunication = 6,
  kBug = 70,
  kStopped = 85,
};

/// Root of all errors that trunkline throws on purpose. The message is one line that names the
/// file, key, data set, row, rank or step, says what was expected and found, and what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Defines one leaf of the tree: an error with a fixed exit code.
template <ExitCode kCode>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(const std::string& message) : Error(kCode, message) {}
};

using UsageError = ErrorOf<ExitCode::kUsage>;  ///< command line or config
using DataError = ErrorOf<ExitCode::kData>;    ///< an input file
using CheckpointError =
    ErrorOf<ExitCode::kCheckpoint>;                ///< a checkpoint, or the disk it is written to
using NumericError = ErrorOf<ExitCode::kNumeric>;  ///< non-finite losses or gradients
using CommunicationError = ErrorOf<ExitCode::kCommunication>;  ///< another rank, or the network
using BugError = ErrorOf<ExitCode::kBug>;  ///< a broken promise inside trunkline

/// Throws E with a formatted message unless the condition holds:
/// `check<DataError>(rows > 0, "{}: no rows; expected at least one", file)`.
template <class E, class... Args>
void check(bool condition, fmt::format_string<Args...> message, Args&&... args) {
  if (!condition) throw E(fmt::format(message, std::forward<Args>(args)...));
}

/// Throws BugError with the place of the call unless the condition holds.
inline void ensure(bool condition, const char* what,
                   std::source_location at = std::source_location::current()) {
  if (!condition) throw BugError(fmt::format("{}:{}: {}", at.file_name(), at.line(), what));
}

}  // namespace trunkline
