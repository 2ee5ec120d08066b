// MPI from start to end of the program: initialise, hand out the world, finalise.
#pragma once

#include <memory>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// Owns MPI for the life of the program. Construct once, after signal handlers are installed,
/// destroy last.
class MpiSession {
 public:
  MpiSession();
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  /// All ranks that the launcher started, on a communicator of our own (a duplicate of
  /// MPI_COMM_WORLD).
  std::unique_ptr<Communicator> world() const;

  /// Whether a launcher (mpirun, srun with pmix) started this process; alone, MPI need not be
  /// initialised at all.
  static bool launched();
};

}  // namespace trunkline
