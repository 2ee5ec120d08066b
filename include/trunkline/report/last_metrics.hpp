// What RUN/metrics.jsonl says last, also while it is being written.
#pragma once

#include <filesystem>
#include <vector>

#include "trunkline/report/metrics_file.hpp"

namespace trunkline {

/// The last line of every (split, task, metric), in the order in which they first occur. A file
/// that is not there has none; lines that cannot be read, as the half one at the end of a file that
/// is being written, are passed over.
std::vector<MetricLine> last_metrics(const std::filesystem::path& path);

}  // namespace trunkline
