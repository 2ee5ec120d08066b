// Requests to stop from outside: USR1, USR2, and TERM under srun.
#pragma once

namespace trunkline {

/// Installs handlers that only set a flag. Call first thing in main, before MPI is initialised: a
/// USR1 that arrives before would kill the job. Under mpirun TERM keeps its default meaning,
/// because mpirun sends it to survivors when a rank has died.
void install_stop_signals();

/// Whether this process was asked to stop. The decision rides on the step's record, so that all
/// ranks stop alike.
bool stop_requested();

}  // namespace trunkline
