// One rank fails while the others wait for it; started by mpirun, which must end the whole job.
//   mpi_failure abort CODE    the last rank aborts
//   mpi_failure throw CODE    an exception leaves the last rank's session
#include <cstdlib>
#include <string>

#include "trunkline/comm/mpi_session.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

void fail_on_last_rank(const std::string& how, int code) {
  const MpiSession session;
  const auto world = session.world();
  const auto half = world->split(world->rank() % 2, 0);
  if (world->rank() + 1 < world->size()) return world->barrier();
  if (how == "abort") world->abort(code);
  throw Error(static_cast<ExitCode>(code), "a failure of one rank alone");
}

}  // namespace
}  // namespace trunkline

int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  try {
    trunkline::fail_on_last_rank(argv[1], std::atoi(argv[2]));
  } catch (const trunkline::Error& error) {
    return static_cast<int>(error.code());
  }
  return EXIT_SUCCESS;
}
