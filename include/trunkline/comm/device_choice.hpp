// Which GPU each rank takes, from what all ranks know of each other.
#pragma once

#include <cstdint>
#include <span>

namespace trunkline {

/// Identifies the machine that a process runs on: its name and, where the system tells, the boot.
uint64_t host_key();

/// How many lower ranks run on the same host. @param hosts key of every rank's host, by rank
int local_rank(std::span<const uint64_t> hosts, int rank);

/// The GPU of a rank among those that its process sees: they are dealt in turn. A launcher that
/// shows each process one GPU of its own makes it 0 everywhere. @param devices at least 1
int device_index(int local_rank, int devices);

/// Whether two ranks have the same GPU. @param devices key of every rank's GPU, by rank
bool share_a_device(std::span<const uint64_t> devices);

}  // namespace trunkline
