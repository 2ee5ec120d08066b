// RUN/metrics.jsonl: one JSON object per line, for any program to read.
#pragma once

#include <chrono>
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

/// Appends lines. Not thread-safe; rank 0 only. Lines reach the file after some seconds at most, as
/// long as others follow. What could not be written is kept and tried again.
/// @throws CheckpointError naming file and cause from the constructor and flush
class MetricsFile {
 public:
  /// @param offset resume here: what follows in an existing file is cut off, and so is half a line
  /// in front of it, or at the end of a shorter file
  MetricsFile(const std::filesystem::path& path, int64_t offset);
  ~MetricsFile();
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;

  void append(const MetricLine& line);
  void flush();      ///< to the kernel
  void try_flush();  ///< the same, but what goes wrong is only kept for problem()
  /// Why lines wait that should be in the file; empty where all is well.
  const std::string& problem() const { return problem_; }
  int64_t offset() const;  ///< bytes flushed so far; flush first, then save it with the checkpoint

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t offset_ = 0;
  std::string buffer_, problem_;
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace trunkline
