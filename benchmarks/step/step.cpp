// Times training steps of a config, data stream and all, without evaluation and checkpoints:
//   mpirun -n RANKS step CONFIG STEPS [KEY=VALUE…]
// Rank 0 prints the milliseconds of every step as a JSON list. The first steps are part of it:
// leave them out when you reduce.
#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trunkline/comm/mpi_session.hpp"
#include "trunkline/core/allocator.hpp"
#include "trunkline/train/session.hpp"

namespace {

using namespace trunkline;

nlohmann::json time_steps(TrainingSession& training, int64_t steps) {
  nlohmann::json milliseconds = nlohmann::json::array();
  for (int64_t step = 0; step < steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    training.step(step);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    milliseconds.push_back(took.count());
  }
  return milliseconds;
}

void run(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  keep_freed_memory();
  at::set_num_threads(1);
  const MpiSession mpi;
  const std::unique_ptr<Communicator> world = mpi.world();
  CommQueue queue;
  Ranks ranks{*world, queue};
  TrainingSession training(read_config(arguments.at(0), {arguments.begin() + 2, arguments.end()}),
                           ranks, std::make_shared<IoThread>());
  training.start(0);
  const nlohmann::json milliseconds = time_steps(training, std::stoll(arguments.at(1)));
  if (world->rank() == 0)
    std::puts(nlohmann::json{{"ms", milliseconds}, {"waited_s", training.seconds_waited()}}
                  .dump()
                  .c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
