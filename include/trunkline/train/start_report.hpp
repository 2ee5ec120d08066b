// What a run tells before its first step: who holds what, how large it is, how long it will be.
#pragma once

#include <string>
#include <vector>

#include "trunkline/train/session.hpp"

namespace trunkline {

struct RankReport {
  int rank = 0;
  std::string host;
  int threads = 1;
  std::vector<std::string> tasks;
  int64_t parameters = 0;
  double bytes = 0.0;  ///< parameters, gradients and optimizer state
  std::string device = "cpu";
};

struct TaskReport {
  std::string name, kind, source;
  int64_t rows = 0, batch = 0, parameters = 0;
  int holders = 0;
  double weight = 1.0;  ///< a_t
};

struct StartReport {
  std::vector<RankReport> ranks;
  std::vector<TaskReport> tasks;
  std::vector<LayoutOffer> layouts;  ///< the one that was taken, first
  int64_t trunk_parameters = 0, total_steps = 0, steps_per_epoch = 0;
  double bytes_sent_per_step = 0.0;  ///< per rank, for a ring all-reduce of the trunk: 2d(P-1)/P
  std::string backend;               ///< of the communicator

  std::vector<std::string> hosts() const;
};

/// Collective: gathers what each rank knows of itself.
StartReport make_start_report(const TrainingSession& training, Ranks& ranks);

std::string format_start_report(const StartReport& report);

}  // namespace trunkline
