// Metrics of a trained run on any split and any number of ranks.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "trunkline/h5/io_thread.hpp"
#include "trunkline/learn/trained_run.hpp"
#include "trunkline/train/evaluator.hpp"

namespace trunkline {

struct RunMetrics {
  int64_t step = 0;  ///< of the checkpoint
  std::vector<TaskMetrics> tasks;
};

/// Collective. @param task_kinds those that the run was trained with
/// @throws AgreedError, or DataError of one rank
RunMetrics evaluate_run(const std::filesystem::path& run, Split split, Ranks& ranks,
                        const std::shared_ptr<IoThread>& io, const Logger& logger,
                        const TaskKinds& task_kinds = standard_task_kinds());

}  // namespace trunkline
