// The opened sources of a run and what each is to the plan.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/data/loader.hpp"
#include "trunkline/plan/duration.hpp"
#include "trunkline/plan/plan.hpp"
#include "trunkline/train/config.hpp"
#include "trunkline/train/multi_task_model.hpp"

namespace trunkline {

using Sources = std::vector<std::shared_ptr<Source>>;

/// Opens and checks every source of the config. @throws DataError
Sources open_sources(const Config& config, const std::shared_ptr<IoThread>& io);

/// Sets the batch of every source where `train.batch` gives one for all.
void apply_batch_shares(Config& config, const Sources& sources);

/// What the model needs of config and files.
ModelDescription describe_model(const Config& config, const Sources& sources);

/// Steps of the run and the tail of each source. @throws UsageError, DataError
Duration run_duration(const Config& config, const Sources& sources);

/// Index of the source of each task.
std::vector<std::size_t> task_sources(const Config& config);

/// Fields that a rank reads of a source: the input and the targets of the tasks that it holds.
std::vector<std::string> fields_read(const Config& config, const Sources& sources, const Plan& plan,
                                     std::size_t source, int rank);

}  // namespace trunkline
