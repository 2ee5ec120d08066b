// The folder of a run: who may write into it, and what it holds beside checkpoints.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "trunkline/core/log.hpp"
#include "trunkline/store/run_lock.hpp"
#include "trunkline/train/config.hpp"

namespace trunkline {

/// The config that a run was started with, from RUN/config.yaml, with `run.dir` where the folder is
/// now. @throws UsageError where `run` is no run folder
Config stored_config(const std::filesystem::path& run,
                     const TaskKinds& task_kinds = standard_task_kinds());

/// Rank 0's hold on RUN. Other ranks never touch it.
class RunFolder {
 public:
  /// Creates the folder, or enters it where `resume` is set. @throws UsageError where it is in use,
  /// or has content and resume is not set; CheckpointError where it cannot be written
  RunFolder(std::filesystem::path path, bool resume);

  const std::filesystem::path& path() const { return path_; }

  /// Writes config.yaml, after telling every line in which it differs from the one that is there.
  void write_config(const Config& config, const Logger& logger) const;

  /// Copies the module of a trunk of kind torchscript, unless there is one already; none where the
  /// path is empty.
  void keep_module(const std::string& module, const Logger& logger) const;

  /// Writes environment.json: versions, ranks, threads; host and cores of each rank.
  void write_environment(const std::vector<std::string>& hosts, int threads,
                         const std::vector<std::string>& cores) const;

 private:
  std::filesystem::path path_;
  std::unique_ptr<RunLock> lock_;
};

}  // namespace trunkline
