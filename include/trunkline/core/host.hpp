// What the system says of the machine and of this process's place on it.
#pragma once

#include <string>
#include <vector>

namespace trunkline {

/// As the system calls this machine, at most 255 bytes. Containers on different machines may have
/// the same.
std::string host_name();

/// Numbers of the cores that this process may run on, ascending; empty where the system does not
/// say.
std::vector<int> cores_of_process();

}  // namespace trunkline
