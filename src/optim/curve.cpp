#include "curve.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

double constant(const ScheduleOptions&, const CurvePosition&) { return 1.0; }

double steps(const ScheduleOptions& options, const CurvePosition& position) {
  const int64_t reached = position.units / options.every;
  return std::pow(options.gamma, static_cast<double>(reached));
}

double multistep(const ScheduleOptions& options, const CurvePosition& position) {
  const auto passed = std::count_if(options.milestones.begin(), options.milestones.end(),
                                    [&](int64_t at) { return at <= position.units; });
  return std::pow(options.gamma, static_cast<double>(passed));
}

double exponential(const ScheduleOptions& options, const CurvePosition& position) {
  return std::pow(options.gamma, static_cast<double>(position.units));
}

double towards_end(const ScheduleOptions& options, double remaining) {
  return options.end_factor + (1.0 - options.end_factor) * remaining;
}

// Loshchilov and Hutter 2017 (SGDR), equation 5, without restarts.
double cosine(const ScheduleOptions& options, const CurvePosition& position) {
  return towards_end(options, (1.0 + std::cos(std::numbers::pi * position.progress)) / 2.0);
}

double linear(const ScheduleOptions& options, const CurvePosition& position) {
  return towards_end(options, 1.0 - position.progress);
}

constexpr std::array<std::pair<std::string_view, Curve>, 6> kCurves = {{
    {"constant", constant},
    {"step", steps},
    {"multistep", multistep},
    {"exponential", exponential},
    {"cosine", cosine},
    {"linear", linear},
}};

}  // namespace

Curve curve_of(const std::string& kind) {
  for (const auto& [name, curve] : kCurves)
    if (name == kind) return curve;
  throw UsageError(fmt::format("train.schedule.kind: \"{}\" is unknown; expected one of {}", kind,
                               fmt::join(schedule_kinds(), ", ")));
}

std::vector<std::string> schedule_kinds() {
  std::vector<std::string> kinds;
  for (const auto& curve : kCurves) kinds.emplace_back(curve.first);
  return kinds;
}

}  // namespace trunkline
