// RUN/metrics.jsonl: one JSON object per line, for any program to read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace trunkline {

/// One line: {"step", "epoch", "split", "task", "metric", "value"}; task null for run-wide metrics.
struct MetricLine {
  int64_t step = 0;
  double epoch = 0.0;
  std::string split;  ///< train, valid, test
  std::optional<std::string> task;
  std::string metric;
  std::optional<double> value;  ///< null where undefined or not finite
};

/// Appends lines. Not thread-safe; rank 0 only.
class MetricsFile {
 public:
  /// @param offset resume here: what follows in an existing file is cut off
  MetricsFile(const std::filesystem::path& path, int64_t offset);
  ~MetricsFile();
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;

  void append(const MetricLine& line);
  void flush();            ///< to the kernel
  int64_t offset() const;  ///< bytes written so far, for the checkpoint

 private:
  int descriptor_ = -1;
  int64_t offset_ = 0;
  std::string buffer_;
};

}  // namespace trunkline
