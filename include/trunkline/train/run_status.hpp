// How a run is doing, from its folder alone: while it trains, after it was stopped, after its end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/report/metrics_file.hpp"
#include "trunkline/train/run_state.hpp"

namespace trunkline {

struct CheckpointStatus {
  int64_t step = 0;
  std::filesystem::path path;
  double age_seconds = 0;
  int64_t bytes = 0;
};

struct RunStatus {
  std::filesystem::path run;
  bool locks = true;  ///< false where the file system has none: running is not known
  std::optional<std::string> holder;   ///< "process 17 on host since TIME", where it runs
  int64_t step = 0;                    ///< the last that is known of
  std::optional<int64_t> total_steps;  ///< nothing before the first metrics
  std::optional<double> epoch;
  std::vector<MetricLine> metrics;  ///< the last of each, of all splits
  std::optional<double> seconds_since_metrics;
  std::optional<CheckpointStatus> newest;  ///< not verified
  std::string problem;                     ///< why the newest cannot be read; empty if it can
  std::optional<Best> best;
  std::string best_name;  ///< "mean accuracy"
  std::optional<double> samples_per_second, seconds_left;
  int64_t ranks = 1;  ///< that it was started on

  bool running() const { return holder.has_value(); }
  bool finished() const {
    return !running() && total_steps && newest && newest->step >= *total_steps;
  }
  /// The command that goes on; empty where the run is finished or goes on anyway.
  std::string resume_command() const;
};

/// Reads only; takes no lock for longer than a look at it. @throws UsageError where `run` is no run
/// folder
RunStatus read_status(const std::filesystem::path& run);

/// The checkpoints of a run, oldest first, with size and age.
std::vector<CheckpointStatus> checkpoint_statuses(const std::filesystem::path& run);

/// What the newest checkpoint that can be read says of the best one.
std::optional<Best> stored_best(const std::vector<CheckpointStatus>& checkpoints);

nlohmann::json to_json(const CheckpointStatus& checkpoint);
nlohmann::json to_json(const RunStatus& status);

}  // namespace trunkline
