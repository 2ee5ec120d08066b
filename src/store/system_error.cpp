#include "system_error.hpp"

#include <sys/statvfs.h>

#include <cerrno>
#include <system_error>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

std::string space_hint(const std::filesystem::path& path, int64_t bytes) {
  std::string hint = bytes > 0 ? fmt::format("; {} bytes are needed", bytes) : "";
  struct statvfs disk = {};
  if (statvfs(path.c_str(), &disk) == 0 || statvfs(path.parent_path().c_str(), &disk) == 0)
    hint += fmt::format("; {} bytes are free", uint64_t{disk.f_bavail} * uint64_t{disk.f_frsize});
  return hint + "; free space (checkpoint.keep keeps fewer) or set run.dir to another disk";
}

std::string hint(const std::filesystem::path& path, int code, int64_t bytes) {
  if (code == ENOSPC || code == EDQUOT) return space_hint(path, bytes);
  if (code == EFBIG)
    return fmt::format("; {} bytes are needed; raise the file size limit (ulimit -f)", bytes);
  if (code == EACCES || code == EPERM || code == EROFS)
    return "; check the owner and mode of the folder";
  return "";
}

}  // namespace

void throw_system_error(const std::filesystem::path& path, const std::string& action, int code,
                        int64_t bytes) {
  throw CheckpointError(fmt::format("{}: cannot {}: {}{}", path.string(), action,
                                    std::generic_category().message(code),
                                    hint(path, code, bytes)));
}

}  // namespace trunkline
