#include "trunkline/train/program.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <thread>

#include "trunkline/comm/mpi_session.hpp"
#include "trunkline/core/allocator.hpp"
#include "trunkline/train/device_ranks.hpp"
#include "trunkline/train/run.hpp"
#include "trunkline/watch/stop_signal.hpp"

namespace trunkline {
namespace {

void print_error(const std::string& message) {
  const std::string line =
      "error: " + message + "\n";  // one write, so that lines of ranks do not mix
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::optional<int> integer_variable(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* text = std::getenv(name)) return std::atoi(text);
  return std::nullopt;
}

// Threads that spin on cores of other ranks make steps several times slower, so each rank takes its
// share.
void set_threads() {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int local_ranks =
      integer_variable({"OMPI_COMM_WORLD_LOCAL_SIZE", "SLURM_NTASKS_PER_NODE"}).value_or(1);
  const int share = std::max(1, cores / std::max(1, local_ranks));
  at::set_num_threads(std::max(1, integer_variable({"OMP_NUM_THREADS"}).value_or(share)));
}

// Libraries add a stack trace below their first line; a user needs the line.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The error in flight on one rank: nobody else knows of it, so the whole job has to end.
ExitCode fail_alone(const std::string& message, ExitCode code, Communicator& world) {
  print_error(world.size() > 1 ? fmt::format("rank {}: {}", world.rank(), message) : message);
  if (world.size() > 1) world.abort(static_cast<int>(code));
  return code;
}

ExitCode run_guarded(const std::function<ExitCode(Ranks&, std::shared_ptr<IoThread>)>& action,
                     Ranks& ranks) {
  try {
    return action(ranks, std::make_shared<IoThread>());
  } catch (const AgreedError& error) {
    if (error.speaker()) print_error(error.what());
    return error.code();
  } catch (const Error& error) {
    return fail_alone(error.what(), error.code(), ranks.world);
  } catch (const std::exception& error) {
    return fail_alone(fmt::format("unexpected: {}", first_line(error.what())), ExitCode::kBug,
                      ranks.world);
  }
}

// What stands between an error and its line and exit code.
ExitCode guarded(const std::function<ExitCode()>& action) {
  try {
    return action();
  } catch (const Error& error) {
    print_error(error.what());
    return error.code();
  } catch (const std::exception& error) {
    print_error(fmt::format("unexpected: {}", first_line(error.what())));
    return ExitCode::kBug;
  }
}

}  // namespace

ExitCode run_alone(const std::function<ExitCode()>& action) {
  return is_first_process() ? guarded(action) : ExitCode::kDone;
}

ExitCode run_on_ranks(const std::function<ExitCode(Ranks&, std::shared_ptr<IoThread>)>& action) {
  return guarded([&] {
    keep_freed_memory();
    set_threads();
    std::optional<MpiSession> mpi;
    if (MpiSession::launched()) mpi.emplace();
    const std::unique_ptr<Communicator> world = mpi ? mpi->world() : make_single_communicator();
    CommQueue queue;
    Ranks ranks{*world, queue};
    return run_guarded(action, ranks);
  });
}

bool is_first_process() {
  return integer_variable({"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
             .value_or(0) == 0;
}

int training_program(int argc, char** argv, const TaskKinds& kinds) {
  install_stop_signals();
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is an error of that write, not the end
  std::vector<std::string> overrides(argv + std::min(argc, 2), argv + argc);
  RunRequest request;
  request.resume = std::erase(overrides, "--resume") > 0;
  return static_cast<int>(run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>& io) {
    Config config;
    agree(ranks, [&] {
      check<UsageError>(argc > 1, "usage: {} CONFIG [KEY=VALUE…] [--resume]", argv[0]);
      config = read_config(argv[1], overrides, kinds);
    });
    DeviceRanks placed(config.run.device, ranks, config.comm.backend);
    return Run(config, request, placed.ranks(), io).train();
  }));
}

}  // namespace trunkline
