// Ranks as threads of one process: a world for tests that needs no launcher.
#pragma once

#include <functional>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// Runs body on `ranks` threads, each with its own view of one world, and waits for all of them.
/// Sums are taken in rank order. A view may be used from another thread of its rank (CommQueue).
///
/// When one rank throws or calls abort(code), every rank that waits in a collective, or calls one
/// later, gets a CommunicationError; so do ranks that call different collectives, and ranks that
/// wait for one whose body has returned.
/// @throws what the first rank to fail threw; abort(code) throws an Error whose code() is code
void run_ranks(int ranks, const std::function<void(Communicator& world)>& body);

}  // namespace trunkline
