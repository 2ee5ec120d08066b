// The numbers that an accumulator hands to another rank, written and read front to back.
#pragma once

#include <span>

#include "trunkline/core/error.hpp"

namespace trunkline {

/// Takes the first n numbers off the front of a state. @throws BugError if there are fewer
inline std::span<const double> take(std::span<const double>& state, std::size_t n) {
  ensure(state.size() >= n, "a metric's state is shorter than what it should hold");
  const std::span<const double> front = state.first(n);
  state = state.subspan(n);
  return front;
}

}  // namespace trunkline
