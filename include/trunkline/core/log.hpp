// Logging through spdlog: rank 0 speaks, other ranks only when something is wrong, unless asked.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace trunkline {

using Logger = std::shared_ptr<spdlog::logger>;

struct LogOptions {
  int rank = 0;
  bool all_ranks = false;  ///< let every rank write what rank 0 writes
  std::string file;        ///< also append to this file (rank 0 only); empty for none
};

/// A logger to standard error, "[rank] " in front of lines of ranks other than 0. Owned by the
/// caller; nothing is registered globally, so ranks that are threads of one process have one each.
/// Thread-safe.
Logger make_logger(const LogOptions& options);

}  // namespace trunkline
