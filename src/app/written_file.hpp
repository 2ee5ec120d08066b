// The closing line of a command that wrote a data file.
#pragma once

#include <string>

#include "trunkline/core/error.hpp"
#include "trunkline/data/write_summary.hpp"

namespace trunkline {

/// "OUT: 10,000 rows, 117.2 MiB, 0.8 s" on standard error, and the same as JSON where asked.
ExitCode tell_written(const std::string& path, const WriteSummary& summary,
                      const std::string& json);

}  // namespace trunkline
