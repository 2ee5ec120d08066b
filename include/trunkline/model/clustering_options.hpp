// The keys of a task that clusters.
#pragma once

#include <cstdint>
#include <string>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// Part of `tasks.T:` of the config.
struct ClusteringOptions {
  int64_t clusters = 0;
  int64_t projection = 0;       ///< width of what is clustered; 0: the trunk's features themselves
  int64_t refresh_every = 140;  ///< steps
  std::string refresh = "targets";  ///< or masses: what stays as counted until the next refresh
  int64_t restarts = 20;            ///< of k-means, of which the best counts
};

/// The keys lie beside the task's other keys. @param clusters whether the task is one of these
void describe(Keys& keys, ClusteringOptions& options, bool clusters);

}  // namespace trunkline
