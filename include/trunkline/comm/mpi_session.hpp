// MPI from start to end of the program: initialise, hand out the world, finalise.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// Owns MPI for the life of the program. Construct once, after signal handlers are installed,
/// destroy last, on the same thread.
class MpiSession {
 public:
  static constexpr int64_t kMostElements = int64_t{1} << 27;

  /// Asks for MPI_THREAD_MULTIPLE and makes do with MPI_THREAD_SERIALIZED. MPI's errors come back
  /// as exceptions.
  /// @throws CommunicationError if MPI offers less
  MpiSession();

  /// Finalises, unless an exception is passing through: other ranks may wait for this one in a
  /// collective, and finalising would wait for them. A program that ends without finalising makes
  /// the launcher end the whole job.
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

  /// All ranks that the launcher started, on a communicator of our own (a duplicate of
  /// MPI_COMM_WORLD). Collective; the session must outlive it.
  /// @param most_elements longest tensor, in elements, that goes into one MPI call; longer ones are
  /// cut, as MPI counts are int. The default keeps also byte counts inside MPI below 2^31.
  std::unique_ptr<Communicator> world(int64_t most_elements = kMostElements) const;

  /// The same as if every rank were on a host of its own: no shared memory, and what travels
  /// between hosts does. For tests.
  std::unique_ptr<Communicator> world_of_hosts() const;

  /// What the MPI library calls itself, on one line; needs no session.
  static std::string library();

  /// "multiple" where any thread may communicate at any time, "serialized" where one at a time may.
  /// While there is a session.
  static std::string thread_level();

  /// Whether a launcher (mpirun, srun with pmix) started this process; alone, MPI need not be
  /// initialised at all.
  static bool launched();
};

}  // namespace trunkline
