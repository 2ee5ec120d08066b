// Checks of the values of small fields before training: labels, masks and weights.
#pragma once

#include <optional>

#include "h5_table.hpp"

namespace trunkline {

/// Masks hold only 0 and 1, and not only 0; weights are finite and not negative.
/// @throws DataError with field, row and value
void check_companions(const H5Table& table, const FieldDescription& field);

/// Labels of present elements are integers in [0, classes), one-hot rows hold exactly one 1,
/// multilabel columns 0 or 1. What a regression target or a field of unknown kind holds is not
/// looked at: whether NaN means "missing" there is the task's choice.
/// @param classes what is known of the number of classes
/// @return the largest integer that was seen; -1 if there is none or the field is not integral
/// @throws DataError "FILE:/y: label 4 at row 300, classes 0..3"
int64_t check_labels(const H5Table& table, const FieldDescription& field,
                     std::optional<int64_t> classes);

}  // namespace trunkline
