// All-to-all as messages between pairs of ranks, for parts of any size.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <span>

#include "trunkline/comm/arguments.hpp"

namespace trunkline {

/// One side of an exchange: densely packed parts, part p belonging to rank p.
template <class Byte>
struct Parts {
  Byte* data;
  std::span<const int64_t> counts;  ///< elements of each part
};

/// How the messages travel.
struct Wire {
  MPI_Comm comm;
  MPI_Datatype type;
  int64_t element_bytes;
  int64_t most_elements;  ///< per message; longer parts are cut
};

/// Sends part p of input to rank p and receives part p of output from it; all messages are posted
/// at once, nearest rank first, so that no rank is flooded by all others at the same time.
/// @throws CommunicationError also where a peer sent another number of elements than expected
void exchange(const Wire& wire, const CallSite& call, Parts<std::byte> output,
              Parts<const std::byte> input);

}  // namespace trunkline
