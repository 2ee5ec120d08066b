// One pass over the training rows, before the first step of a run that standardises or balances.
#pragma once

#include "trunkline/core/log.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/data_statistics.hpp"
#include "trunkline/train/label_choice.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {

/// Every source and task of the config that needs statistics: those already `known`, the others
/// from a pass of rank 0 over the training rows, in blocks. The same bits on every rank, and for
/// any number of ranks. Collective.
/// @throws AgreedError (data) for inputs or labels that are not finite
DataStatistics collect_statistics(const Config& config, const Sources& sources,
                                  const LabelChoices& labels, const DataStatistics& known,
                                  Ranks& ranks);

/// Says which columns are constant, and therefore only shifted.
void log_constant_columns(const DataStatistics& statistics, const Logger& logger);

}  // namespace trunkline
