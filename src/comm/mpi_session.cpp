#include "trunkline/comm/mpi_session.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <exception>

#include "mpi_communicator.hpp"
#include "mpi_error.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

// One of these is set by mpirun of Open MPI, PMIx (also srun --mpi=pmix), PMI-1 and PMI-2 (MPICH,
// srun --mpi=pmi2), MVAPICH.
constexpr std::array kLauncherVariables = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK",
                                           "MV2_COMM_WORLD_SIZE"};

MPI_Comm duplicate_world() {
  MPI_Comm world = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &world), "MPI_Comm_dup");
  return world;
}

}  // namespace

MpiSession::MpiSession() {
  int initialized = 0;
  MPI_Initialized(&initialized);
  ensure(initialized == 0, "one MpiSession per program");
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_SERIALIZED) {
    MPI_Finalize();
    throw CommunicationError(
        "this MPI lets only its first thread communicate; expected MPI_THREAD_SERIALIZED or "
        "MULTIPLE: use an MPI library built with thread support");
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);  // duplicates inherit it
}

MpiSession::~MpiSession() {
  if (std::uncaught_exceptions() == 0) MPI_Finalize();
}

std::unique_ptr<Communicator> MpiSession::world(int64_t most_elements) const {
  ensure(most_elements > 0 && most_elements <= INT_MAX, "MPI counts elements in an int");
  return std::make_unique<MpiCommunicator>(duplicate_world(), most_elements);
}

std::unique_ptr<Communicator> MpiSession::world_of_hosts() const {
  return std::make_unique<MpiCommunicator>(duplicate_world(), kMostElements, true);
}

std::string MpiSession::library() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string whole(text.data(), static_cast<std::size_t>(length));
  return whole.substr(0, whole.find_first_of(",\n"));
}

std::string MpiSession::thread_level() {
  int level = MPI_THREAD_SINGLE;
  MPI_Query_thread(&level);
  return level == MPI_THREAD_MULTIPLE ? "multiple" : "serialized";
}

bool MpiSession::launched() {
  return std::any_of(kLauncherVariables.begin(), kLauncherVariables.end(),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

}  // namespace trunkline
