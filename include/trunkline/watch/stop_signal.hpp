// Requests to stop from outside: USR1, USR2, and TERM and INT where they mean that.
#pragma once

namespace trunkline {

/// Installs handlers that only set a flag. Call first thing in main, before MPI is initialised: a
/// USR1 that arrives before would kill the job.
///
/// - Under mpirun USR1 and USR2 ask for a stop. TERM and INT keep their default meaning, because
///   mpirun sends TERM to the survivors when a rank has died.
/// - Under srun TERM asks for a stop, too. INT keeps its default meaning; srun answers Ctrl-C.
/// - Started alone, TERM and INT ask for a stop; INT while one is asked for kills as by default.
///
/// TERM and INT that were ignored when the program started (nohup) stay ignored.
void install_stop_signals();

/// Whether this process was asked to stop. The decision rides on the step's record, so that all
/// ranks stop alike. Safe from any thread.
bool stop_requested();

}  // namespace trunkline
