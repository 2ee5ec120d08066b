// What a tool that wrote a file reports in its closing line.
#pragma once

#include <cstdint>

namespace trunkline {

struct WriteSummary {
  int64_t rows = 0;    ///< over all groups
  int64_t bytes = 0;   ///< size of the file
  double seconds = 0;  ///< wall clock
};

}  // namespace trunkline
