// How a command runs: alone or on all ranks, and what becomes of its errors.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/io_thread.hpp"
#include "trunkline/train/agreement.hpp"

namespace trunkline {

/// Runs an action in one process: an error is one line on standard error and its exit code. Under a
/// launcher the first rank alone acts, since all would write the same file; the others are done.
ExitCode run_alone(const std::function<ExitCode()>& action);

/// Runs an action on all ranks that the launcher started, or on one. An agreed error is printed
/// once and ends every rank alike; an error of this rank alone is printed here and ends the whole
/// job.
ExitCode run_on_ranks(const std::function<ExitCode(Ranks&, std::shared_ptr<IoThread>)>& action);

/// Whether this process is the one that speaks, known before communication begins.
bool is_first_process();

/// Writes a result for programs: to a file, or to standard output for "-"; nothing for "".
void write_json(const std::string& path, const nlohmann::json& json);

}  // namespace trunkline
