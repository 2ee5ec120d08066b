// What a run knows of its training rows beside the rows: means and deviations of inputs and labels.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "trunkline/model/column_statistics.hpp"
#include "trunkline/train/config.hpp"

namespace trunkline {

/// Of the sources with `normalize: true` and of the tasks whose loss needs it. Part of the state of
/// a run: it predicts and goes on with the numbers that it began with.
struct DataStatistics {
  OrderedMap<ColumnStatistics> inputs;  ///< by source, per channel
  OrderedMap<ColumnStatistics> labels;  ///< by task, per column

  /// Empty where there are none.
  ColumnStatistics input(const std::string& source) const;
  ColumnStatistics label(const std::string& task) const;
};

nlohmann::json to_json(const DataStatistics& statistics);
DataStatistics data_statistics_from_json(const nlohmann::json& json);

/// Whether a source's inputs are normalised.
bool normalizes(const SourceOptions& options);

/// Those that the config needs. @throws CheckpointError where one is missing: the checkpoint is
/// older than the setting
DataStatistics needed_statistics(const Config& config, const DataStatistics& stored);

}  // namespace trunkline
