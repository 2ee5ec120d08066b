// The commands of the program, one file each. A command adds itself to the parser and leaves an
// action to run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "trunkline/core/error.hpp"

namespace trunkline {

/// What the chosen command does once the command line is understood.
using Action = std::function<ExitCode()>;

void add_train(CLI::App& app, Action& action);
void add_finetune(CLI::App& app, Action& action);
void add_evaluate(CLI::App& app, Action& action);
void add_predict(CLI::App& app, Action& action);
void add_adapt(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_generate(CLI::App& data, Action& action);
void add_convert(CLI::App& data, Action& action);
void add_convert_csv(CLI::App& convert, Action& action);
void add_inspect(CLI::App& data, Action& action);
void add_status(CLI::App& app, Action& action);
void add_checkpoint(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_help(CLI::App& app, Action& action);

/// --device, for commands that use a model and have no config to say it.
void add_device(CLI::App& command, std::string& device);

}  // namespace trunkline
