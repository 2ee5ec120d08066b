// A save that ends early, by a kill or a failing disk, costs nothing that was committed before.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "store/sample_checkpoint.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

/// Runs the function in a child process. @return its exit code
int in_child(const std::function<int()>& run) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(run());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kSaved = 10, kFailed = 11, kOther = 12;

/// A save in a process whose files may have at most so many bytes.
int save_with_limit(const std::filesystem::path& run, int64_t step, rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {bytes, bytes};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return kOther;
  try {
    save_sample(run, step);
    return kSaved;
  } catch (const CheckpointError& error) {
    return std::string(error.what()).find("bytes are needed") != std::string::npos ? kFailed
                                                                                   : kOther;
  }
}

/// Ends a save before its n-th call, without any clean-up.
void interrupted_save(const std::filesystem::path& run, int64_t step, int stage) {
  CheckpointWriter first(run, step, sample_layout(), kSampleBlockBytes);
  CheckpointWriter second(run, step, sample_layout(), kSampleBlockBytes);
  const std::vector<std::function<void()>> calls = {
      [&] { first.create(); },
      [&] { write_share(first, step, 0, 2); },
      [&] { first.sync(); },
      [&] { write_share(second, step, 1, 2); },
      [&] { second.sync(); },
      [&] { set_content(run / "checkpoints/.step-00000050.partial/state.json", "{"); },
  };
  for (int i = 0; i < stage; ++i) calls[static_cast<std::size_t>(i)]();
}

class Interruption : public testing::TestWithParam<int> {
 protected:
  Interruption() { save_sample(run(), 40); }
  const std::filesystem::path& run() const { return run_.path(); }

 private:
  TemporaryFolder run_;
};

TEST_P(Interruption, LeavesTheOlderCheckpoint) {
  interrupted_save(run(), 50, GetParam());
  std::vector<std::string> reasons;
  EXPECT_EQ(newest_valid_step(run(), &reasons), 40);
  EXPECT_TRUE(reasons.empty());
}

TEST_P(Interruption, DoesNotDisturbTheNextSave) {
  interrupted_save(run(), 50, GetParam());
  save_sample(run(), 50);
  EXPECT_EQ(newest_valid_step(run()), 50);
  EXPECT_EQ(files_of(run() / "checkpoints").size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Stage, Interruption, testing::Range(0, 7));

using FailingDisk = Interruption;

// The files of the sample have between 50 and 900 bytes, so that the limits hit every one of them.
TEST_F(FailingDisk, NeverCostsTheOlderCheckpoint) {
  int saved = 0, failed = 0;
  for (rlim_t bytes = 0; bytes < 1200; bytes += 16) {
    const int code = in_child([&] { return save_with_limit(run(), 50, bytes); });
    ASSERT_TRUE(code == kSaved || code == kFailed) << code << " with " << bytes << " bytes";
    ++(code == kSaved ? saved : failed);
    EXPECT_EQ(newest_valid_step(run()), saved > 0 ? 50 : 40);
  }
  EXPECT_GT(saved, 0);
  EXPECT_GT(failed, 0);
}

TEST_F(FailingDisk, NeverCostsTheCheckpointOfTheSameStep) {
  EXPECT_EQ(in_child([&] { return save_with_limit(run(), 40, 100); }), kFailed);
  EXPECT_EQ(newest_valid_step(run()), 40);
}

}  // namespace
}  // namespace trunkline
