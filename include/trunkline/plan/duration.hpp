// How long a run is: steps per epoch, steps in all, and how each source ends its epochs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trunkline {

/// What the duration depends on of a source.
struct SourceLength {
  std::string name;
  int64_t rows = 0;
  int64_t batch = 1;
  std::string tail;  ///< pad | drop | continuous, or empty where the config says nothing
};

/// Either `steps`, or `epochs` counted by the longest or shortest source.
struct DurationOptions {
  std::optional<int64_t> steps;
  int64_t epochs = 1;
  std::string stop = "longest";  ///< longest | shortest
};

struct Duration {
  int64_t steps_per_epoch = 1;     ///< K
  int64_t total_steps = 1;         ///< S
  std::vector<std::string> tails;  ///< per source: pad | drop | continuous
};

/// Sources whose epoch is the run's epoch keep their tail (default pad); all others, and all with
/// `steps`, are continuous. @throws UsageError for a tail that cannot be, DataError for an epoch of
/// no steps
Duration make_duration(const DurationOptions& options, const std::vector<SourceLength>& sources);

}  // namespace trunkline
