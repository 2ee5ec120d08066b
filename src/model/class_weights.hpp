// Factors of classes and of positives, given or taken from the training labels.
#pragma once

#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// One factor per class; none where `class_weights` is empty. Balanced: n / (classes * n_c), the
/// heuristic of King & Zeng (2001).
/// @param shares of the classes among the training labels (ColumnStatistics of one-hot labels)
/// @throws UsageError for a wrong number of factors, or a class without training labels
std::vector<double> class_factors(const std::string& task, const LossOptions& options,
                                  const FieldDescription& field, int64_t classes,
                                  const ColumnStatistics& shares);

/// One factor per column for its positives. Balanced: negatives / positives.
/// @param shares of the positives in each column
/// @throws UsageError for a wrong number of factors, or a column without positives or negatives
std::vector<double> positive_factors(const std::string& task, const LossOptions& options,
                                     const FieldDescription& field, const ColumnStatistics& shares);

}  // namespace trunkline
