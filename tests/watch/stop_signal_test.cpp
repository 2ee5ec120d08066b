// Each case runs in a process of its own, because signals belong to the process.
#include "trunkline/watch/stop_signal.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace trunkline {
namespace {

using testing::ExitedWithCode;
using testing::KilledBySignal;

constexpr int kAsked = 85, kNotAsked = 0;

void pretend_launcher(std::initializer_list<const char*> variables) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS", "SLURM_STEP_ID"})
    ::unsetenv(name);
  for (const char* name : variables) ::setenv(name, "2", 1);
}

[[noreturn]] void receive(std::initializer_list<const char*> variables,
                          std::initializer_list<int> signals) {
  pretend_launcher(variables);
  install_stop_signals();
  for (const int signal : signals) std::raise(signal);
  std::_Exit(stop_requested() ? kAsked : kNotAsked);
}

TEST(StopSignal, NothingIsAskedForAtFirst) {
  EXPECT_EXIT(receive({}, {}), ExitedWithCode(kNotAsked), "");
}

TEST(StopSignal, Usr1AndUsr2AlwaysAsk) {
  for (const int signal : {SIGUSR1, SIGUSR2}) {
    EXPECT_EXIT(receive({}, {signal}), ExitedWithCode(kAsked), "");
    EXPECT_EXIT(receive({"SLURM_STEP_ID"}, {signal, signal}), ExitedWithCode(kAsked), "");
    EXPECT_EXIT(receive({"OMPI_COMM_WORLD_SIZE"}, {signal}), ExitedWithCode(kAsked), "");
  }
}

TEST(StopSignal, TermAsksUnderSrun) {
  EXPECT_EXIT(receive({"SLURM_STEP_ID"}, {SIGTERM, SIGTERM}), ExitedWithCode(kAsked), "");
}

TEST(StopSignal, TermKillsUnderMpirun) {
  EXPECT_EXIT(receive({"OMPI_COMM_WORLD_SIZE"}, {SIGTERM}), KilledBySignal(SIGTERM), "");
  EXPECT_EXIT(receive({"MPI_LOCALNRANKS"}, {SIGTERM}), KilledBySignal(SIGTERM), "");
}

TEST(StopSignal, TermKillsUnderMpirunWithinSlurm) {
  EXPECT_EXIT(receive({"SLURM_STEP_ID", "OMPI_COMM_WORLD_SIZE"}, {SIGTERM}),
              KilledBySignal(SIGTERM), "");
}

TEST(StopSignal, IntIsLeftToTheLauncher) {
  EXPECT_EXIT(receive({"SLURM_STEP_ID"}, {SIGINT}), KilledBySignal(SIGINT), "");
  EXPECT_EXIT(receive({"OMPI_COMM_WORLD_SIZE"}, {SIGINT}), KilledBySignal(SIGINT), "");
}

TEST(StopSignal, TermAndIntAskAProcessStartedAlone) {
  EXPECT_EXIT(receive({}, {SIGTERM, SIGTERM}), ExitedWithCode(kAsked), "");
  EXPECT_EXIT(receive({}, {SIGINT}), ExitedWithCode(kAsked), "");
}

TEST(StopSignal, IntKillsWhenAStopIsAlreadyAskedFor) {
  EXPECT_EXIT(receive({}, {SIGINT, SIGINT}), KilledBySignal(SIGINT), "");
  EXPECT_EXIT(receive({}, {SIGTERM, SIGINT}), KilledBySignal(SIGINT), "");
}

TEST(StopSignal, IgnoredSignalsStayIgnored) {
  EXPECT_EXIT(
      {
        std::signal(SIGINT, SIG_IGN);
        std::signal(SIGTERM, SIG_IGN);
        receive({}, {SIGINT, SIGTERM, SIGINT});
      },
      ExitedWithCode(kNotAsked), "");
}

}  // namespace
}  // namespace trunkline
