#include "trunkline/watch/stop_signal.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace trunkline {
namespace {

// A handler can reach nothing else; it may run on any thread.
std::atomic<bool> stop_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "only lock-free atomics work in a handler");

void ask_for_stop(int) { stop_flag = true; }

// Ctrl-C again, while the first is being answered: the person means now. The signal is blocked
// during its own handler, and kills as soon as this returns.
void ask_or_die(int signal) {
  if (!stop_flag.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void install(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // libraries seldom expect an interrupted call
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

// What nohup, or a shell that runs this in the background, has switched off stays off.
void install_unless_ignored(int signal, void (*handler)(int)) {
  struct sigaction before {};
  sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN) install(signal, handler);
}

enum class Launcher { kNone, kMpirun, kSrun };

// The order matters: within a Slurm job mpirun starts its daemons with srun, so that its ranks have
// Slurm's variables too. Open MPI's mpirun sets the first variable, that of MPICH the second. With
// srun alone, MPI_Init itself may set them later, which is one more reason to look before it.
Launcher launcher() {
  if (std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("MPI_LOCALNRANKS"))
    return Launcher::kMpirun;
  return std::getenv("SLURM_STEP_ID") ? Launcher::kSrun : Launcher::kNone;
}

}  // namespace

void install_stop_signals() {
  install(SIGUSR1, ask_for_stop);
  install(SIGUSR2, ask_for_stop);
  const Launcher from = launcher();
  if (from != Launcher::kMpirun) install_unless_ignored(SIGTERM, ask_for_stop);
  if (from == Launcher::kNone) install_unless_ignored(SIGINT, ask_or_die);
}

bool stop_requested() { return stop_flag; }

}  // namespace trunkline
