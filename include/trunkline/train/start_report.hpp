// What a run tells before its first step: who holds what, how large it is, how long it will be.
#pragma once

#include <string>
#include <vector>

#include "trunkline/train/rank_report.hpp"

namespace trunkline {

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
  std::string backend;  ///< of the communicator

  double sent_bytes() const;  ///< per step, of the rank that sends most

  std::vector<std::string> hosts() const;  ///< of each rank
  std::vector<std::string> cores() const;
};

/// Collective: gathers what each rank knows of itself.
StartReport make_start_report(const TrainingSession& training, Ranks& ranks);

std::string format_start_report(const StartReport& report);
nlohmann::json to_json(const StartReport& report);

}  // namespace trunkline
