// One run folder, one program.
#include "trunkline/store/run_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "store/sample_checkpoint.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

/// A process that holds the lock until it is told to end.
class Holder {
 public:
  explicit Holder(const std::filesystem::path& run) {
    if (::pipe(ready_.data()) != 0 || ::pipe(end_.data()) != 0) std::abort();
    child_ = ::fork();
    if (child_ == 0) hold(run);
    char byte = 0;
    EXPECT_EQ(::read(ready_[0], &byte, 1), 1);
  }
  ~Holder() {
    for (const int descriptor : {ready_[0], ready_[1], end_[0], end_[1]}) ::close(descriptor);
    ::waitpid(child_, nullptr, 0);
  }
  pid_t process() const { return child_; }

 private:
  [[noreturn]] void hold(const std::filesystem::path& run) {
    ::close(end_[1]);
    std::optional<RunLock> lock(run);
    char byte = 0;
    if (::write(ready_[1], &byte, 1) != 1) ::_exit(1);
    ::_exit(::read(end_[0], &byte, 1) == 0 ? 0 : 1);  // the lock is not released by hand
  }

  std::array<int, 2> ready_ = {}, end_ = {};
  pid_t child_ = -1;
};

TEST(RunLock, RefusesARunThatAnotherProcessUsesAndNamesIt) {
  const TemporaryFolder run;
  const Holder holder(run.path());
  try {
    const RunLock lock(run.path());
    FAIL() << "two processes hold the lock";
  } catch (const UsageError& error) {
    const std::string message = error.what();
    const std::string expected =
        fmt::format("{} is in use by process {} on ", run.path().string(), holder.process());
    EXPECT_TRUE(message.starts_with(expected)) << message;
    EXPECT_NE(message.find("; wait for it, end it, or choose another run.dir"), std::string::npos);
  }
}

TEST(RunLock, IsFreeWhenItsProcessHasEnded) {
  const TemporaryFolder run;
  { const Holder holder(run.path()); }
  EXPECT_TRUE(RunLock(run.path()).held());
}

TEST(RunLock, IsReleasedAtTheEndOfItsLife) {
  const TemporaryFolder run;
  { const RunLock lock(run.path()); }
  EXPECT_TRUE(RunLock(run.path()).held());
}

TEST(RunLock, ExcludesASecondOneInTheSameProcess) {
  const TemporaryFolder run;
  const RunLock lock(run.path());
  EXPECT_THROW(RunLock second(run.path()), UsageError);
}

TEST(RunLock, CreatesTheRunFolder) {
  const TemporaryFolder folder;
  const RunLock lock(folder.path() / "runs" / "shapes");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "runs" / "shapes" / "lock"));
}

TEST(RunLock, CanBeLookedAtFromOutside) {
  const TemporaryFolder run;
  EXPECT_EQ(look_at_lock(run.path()).holder, std::nullopt);
  {
    const Holder holder(run.path());
    const LockState state = look_at_lock(run.path());
    EXPECT_TRUE(state.known);
    EXPECT_EQ(state.holder.value_or("nobody").find(fmt::format("process {} on", holder.process())),
              0U);
  }
  EXPECT_EQ(look_at_lock(run.path()).holder, std::nullopt);
}

TEST(RunLock, IsNotTakenByALook) {
  const TemporaryFolder run;
  const RunLock lock(run.path());
  look_at_lock(run.path());
  EXPECT_TRUE(lock.held());
  EXPECT_THROW(RunLock second(run.path()), UsageError);
}

}  // namespace
}  // namespace trunkline
