// The one line that tells a person how a run is going.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "trunkline/core/log.hpp"

namespace trunkline {

/// What the line says.
struct ProgressPoint {
  int64_t step = 0, total_steps = 0;  ///< steps done, to do in all
  double epoch = 0.0;
  std::vector<std::pair<std::string, double>> losses;  ///< task, mean loss
  double samples = 0.0;                                ///< rows of all sources in this step
};

/// step 120/390  epoch 3.1  shape 0.412  position 0.031  5,120 samples/s  0:12 left
///
/// On a terminal the line is redrawn in place several times a second; elsewhere a plain line goes
/// to the log at most every `seconds`, and one for the last step. Rates are means over the time
/// since the last line. Not thread-safe.
class Progress {
 public:
  Progress(Logger logger, bool terminal, double seconds = 5.0);
  void update(const ProgressPoint& point);
  /// Ends a redrawn line, so that other output starts on its own line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string line(const ProgressPoint& point, double samples_per_second,
                   double seconds_left) const;
  Logger logger_;
  bool terminal_;
  double seconds_;
  Clock::time_point last_;
  int64_t steps_ = 0;     // since the last line
  double samples_ = 0.0;  // since the last line
  bool drawn_ = false;
};

}  // namespace trunkline
