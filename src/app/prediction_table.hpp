// The first rows of predictions, for people.
#pragma once

#include <string>

#include "trunkline/learn/predict.hpp"

namespace trunkline {

/// A line per row of the summary's head; classes are shown by their names.
std::string prediction_table(const PredictSummary& summary);

}  // namespace trunkline
