// What the commands that train have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/train/run.hpp"

namespace trunkline {

struct TrainArguments {
  std::string config, json;
  std::vector<std::string> overrides;
  RunRequest request;
};

/// CONFIG, KEY=VALUE… and the options of a training run.
void add_train_arguments(CLI::App& command, TrainArguments& arguments);

/// Trains from beginning to end, and writes the summary. Collective.
ExitCode run_training(const Config& config, const TrainArguments& arguments, Ranks& ranks,
                      const std::shared_ptr<IoThread>& io);

}  // namespace trunkline
