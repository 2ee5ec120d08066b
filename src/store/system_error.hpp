// Failed system calls as CheckpointErrors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace trunkline {

/// Throws "PATH: cannot ACTION: CAUSE", with a hint where the cause is a full disk or a limit.
/// @param code   errno of the call
/// @param bytes  how many bytes the call needed; 0 if that is not known
[[noreturn]] void throw_system_error(const std::filesystem::path& path, const std::string& action,
                                     int code, int64_t bytes = 0);

}  // namespace trunkline
