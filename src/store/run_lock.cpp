#include "trunkline/store/run_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <string>
#include <thread>
#include <utility>

#include "system_error.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/host.hpp"
#include "trunkline/store/file.hpp"

namespace trunkline {
namespace {

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc = {};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text = {};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), size};
}

/// What the holder has written; it may be about to.
std::string holder_of(int descriptor) {
  std::array<char, 512> text = {};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  if (size <= 0) return "another process";
  const std::string line(text.data(), static_cast<std::size_t>(size));
  return line.substr(0, line.find('\n'));
}

void write_holder(int descriptor, const std::filesystem::path& path) {
  const std::string text =
      fmt::format("process {} on {} since {}\n", ::getpid(), host_name(), utc_now());
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw_system_error(path, "write the file", errno, static_cast<int64_t>(text.size()));
}

/// @param kind LOCK_EX or LOCK_SH   @return 0, or errno
int try_lock(int descriptor, int kind) {
  while (::flock(descriptor, kind | LOCK_NB) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

/// Whoever looks at the lock holds it for a moment, which is no use of the run.
int try_lock_patiently(int descriptor) {
  constexpr int kTries = 5;
  int code = try_lock(descriptor, LOCK_EX);
  for (int i = 1; i < kTries && code == EWOULDBLOCK; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    code = try_lock(descriptor, LOCK_EX);
  }
  return code;
}

/// An open descriptor that is closed unless it is released.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

}  // namespace

RunLock::RunLock(const std::filesystem::path& run) {
  create_folders(run);
  const std::filesystem::path path = run / "lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file.get() < 0) throw_system_error(path, "open the file", errno);
  const int code = try_lock_patiently(file.get());
  check<UsageError>(code != EWOULDBLOCK,
                    "{} is in use by {}; wait for it, end it, or choose another run.dir",
                    run.string(), holder_of(file.get()));
  held_ = code == 0;
  if (!held_ && code != ENOLCK && code != ENOSYS && code != EOPNOTSUPP)
    throw_system_error(path, "lock the file", code);
  write_holder(file.get(), path);
  descriptor_ = file.release();
}

RunLock::~RunLock() { ::close(descriptor_); }

LockState look_at_lock(const std::filesystem::path& run) {
  const std::filesystem::path path = run / "lock";
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return {};
  if (file.get() < 0) throw_system_error(path, "open the file", errno);
  const int code = try_lock(file.get(), LOCK_SH);  // closing the file gives it back
  if (code == EWOULDBLOCK) return {true, holder_of(file.get())};
  return {code == 0};
}

}  // namespace trunkline
