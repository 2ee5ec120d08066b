// Wall-clock decisions of a run: when a checkpoint is due, and when the time is up.
#pragma once

#include <chrono>

namespace trunkline {

/// Started with the run; asked by one rank, whose answers ride on the step's record to all others.
class RunClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param limit_seconds 0 for no limit   @param save_seconds 0 for no saves by time
  RunClock(double limit_seconds, double save_seconds)
      : limit_(limit_seconds), save_(save_seconds), start_(Clock::now()), saved_(start_) {}

  bool time_is_up() const { return limit_ > 0.0 && seconds_since(start_) >= limit_; }
  bool save_is_due() const { return save_ > 0.0 && seconds_since(saved_) >= save_; }
  void saved() { saved_ = Clock::now(); }
  double elapsed() const { return seconds_since(start_); }

 private:
  static double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }
  double limit_, save_;
  Clock::time_point start_, saved_;
};

}  // namespace trunkline
