// What a rank tells of itself before the first step.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "trunkline/train/session.hpp"

namespace trunkline {

struct RankReport {
  int rank = 0;
  std::string host;
  std::string device = "cpu";
  int threads = 1;
  std::string cores;  ///< that the process may run on: "0", "0-3", "0,4"
  int64_t parameters = 0;
  double model_bytes = 0.0;   ///< parameters, gradients and optimizer state
  double memory_bytes = 0.0;  ///< most that the process has held, and the rows it will hold
  double sent_bytes = 0.0;    ///< per step, by ring all-reduces: 2d(P-1)/P of each sum over P ranks
  std::vector<std::string> tasks;
};

/// This rank's.
RankReport own_report(const TrainingSession& training);

nlohmann::json to_json(const RankReport& report);
RankReport rank_report_from_json(const nlohmann::json& json);

/// Cores as ranges: {0, 1, 2, 5} is "0-2,5".
std::string format_cores(const std::vector<int>& cores);

}  // namespace trunkline
