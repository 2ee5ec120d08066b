// How a program runs: alone or on all ranks, and what becomes of its errors.
#pragma once

#include <functional>
#include <memory>

#include "trunkline/core/error.hpp"
#include "trunkline/h5/io_thread.hpp"
#include "trunkline/model/task.hpp"
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

/// The whole of a program that trains with kinds of tasks of its own: `PROGRAM CONFIG [KEY=VALUE…]
/// [--resume]`, under mpirun or srun or alone, with the signals and exit codes of `trunkline
/// train`.
/// @return the exit code
int training_program(int argc, char** argv, const TaskKinds& kinds = standard_task_kinds());

}  // namespace trunkline
