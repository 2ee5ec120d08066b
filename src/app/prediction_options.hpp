// What commands that predict the rows of a file have in common on the command line.
#pragma once

#include <CLI/CLI.hpp>

#include "trunkline/learn/predict.hpp"

namespace trunkline {

/// Adds --input, --output, --split and --force.
void add_prediction_options(CLI::App& command, PredictRequest& request);

}  // namespace trunkline
