// The curves that schedules follow once warm-up is over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/optim/schedule.hpp"

namespace trunkline {

/// A time after warm-up, in the two measures that curves read.
struct CurvePosition {
  int64_t units = 0;      ///< whole units since the unit in which warm-up ended
  double progress = 0.0;  ///< share of the steps after warm-up, 0 to 1
};

using Curve = double (*)(const ScheduleOptions& options, const CurvePosition& position);

/// The curve of `kind`. @throws UsageError for an unknown kind
Curve curve_of(const std::string& kind);

/// All kinds, in the order of the table.
std::vector<std::string> schedule_kinds();

}  // namespace trunkline
