// Errors that concern all ranks: found by one or by all, printed once, ending every rank alike.
#pragma once

#include <functional>
#include <string>

#include "trunkline/comm/comm_queue.hpp"
#include "trunkline/comm/communicator.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {

/// An error that every rank throws with the same code; only the speaker prints it. Ranks that catch
/// one may go on to finalise MPI, because nobody is left waiting.
class AgreedError : public Error {
 public:
  AgreedError(ExitCode code, const std::string& message, bool speaker)
      : Error(code, message), speaker_(speaker) {}
  bool speaker() const { return speaker_; }

 private:
  bool speaker_;
};

/// The ranks of a program, the thread that communicates for this one, and where it computes.
struct Ranks {
  Communicator& world;
  CommQueue& queue;
  c10::Device device = c10::kCPU;

  int rank() const { return world.rank(); }
  int size() const { return world.size(); }
};

/// Runs an action on every rank; if it throws on any, all ranks throw AgreedError with the code of
/// the lowest rank that failed, which is the speaker. Collective; the action itself must make no
/// collective call.
void agree(Ranks& ranks, const std::function<void()>& action);

/// Whether a flag is set on any rank. Collective.
bool any(Ranks& ranks, bool flag);

/// @throws AgreedError with `message` (spoken by rank 0) unless all ranks pass the same hash.
/// Collective.
void check_equal(Ranks& ranks, uint64_t hash, ExitCode code, const std::string& message);

}  // namespace trunkline
