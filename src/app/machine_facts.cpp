#include "machine_facts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

#include "trunkline/core/host.hpp"

namespace trunkline {
namespace {

// A file of its own in the current folder, gone at the end.
class ProbeFile {
 public:
  ProbeFile()
      : path_(fmt::format(".trunkline-doctor-{}", ::getpid())),
        descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)),
        error_(errno) {}
  ~ProbeFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  ProbeFile(const ProbeFile&) = delete;
  ProbeFile& operator=(const ProbeFile&) = delete;

  int descriptor() const { return descriptor_; }
  int error() const { return error_; }

 private:
  std::string path_;
  int descriptor_, error_;
};

std::string reason(int error) { return std::generic_category().message(error); }

std::optional<double> first_number(const std::string& path) {
  std::ifstream file(path);
  double number = 0;
  return file >> number ? std::optional(number) : std::nullopt;  // "max" is no limit
}

}  // namespace

int64_t bound_cores() {
  const auto cores = static_cast<int64_t>(cores_of_process().size());
  return cores > 0 ? cores : machine_cores();
}

int64_t machine_cores() { return std::max(1U, std::thread::hardware_concurrency()); }

std::optional<int64_t> wished_threads() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  const int64_t threads = text ? std::atoi(text) : 0;
  return threads > 0 ? std::optional(threads) : std::nullopt;
}

std::optional<double> memory_limit() {
  std::optional<double> limit;
  const auto physical =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  if (physical > 0) limit = physical;
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (const auto bytes = first_number(path)) limit = std::min(limit.value_or(*bytes), *bytes);
  return limit;
}

std::optional<FileSystemSpace> space_of(const std::string& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return std::nullopt;
  const auto block = static_cast<double>(status.f_frsize);
  return FileSystemSpace{static_cast<double>(status.f_blocks) * block,
                         static_cast<double>(status.f_bavail) * block};
}

std::string writing_problem() {
  const ProbeFile file;
  return file.descriptor() < 0 ? reason(file.error()) : "";
}

std::string locking_problem() {
  const ProbeFile file;
  if (file.descriptor() < 0) return "";  // a problem of writing
  return ::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0 ? "" : reason(errno);
}

}  // namespace trunkline
