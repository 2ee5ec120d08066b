// What becomes of freed memory, seen in page faults of a process of its own.
#include "trunkline/core/allocator.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace trunkline {
namespace {

int64_t faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

// Page faults of a second round of the same allocations.
int64_t faults_of_again() {
  const auto round = [] {
    for (const std::size_t bytes : {std::size_t{1} << 20, std::size_t{48} << 20}) {
      const std::vector<char> block(bytes, 1);
      EXPECT_EQ(std::count(block.begin(), block.end(), 1), static_cast<std::ptrdiff_t>(bytes));
    }
  };
  round();
  const int64_t before = faults();
  round();
  return faults() - before;
}

// Pages of 4 KiB: the blocks have 12,544, of 64 KiB 784.
constexpr int64_t kMany = 700;

[[noreturn]] void leave(bool good) { std::_Exit(good ? 0 : 1); }

TEST(Allocator, KeepsWhatWasFreed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
  GTEST_SKIP() << "another allocator";
#endif
  const auto kept = [] {
    for (const char* name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"})
      ::unsetenv(name);
    keep_freed_memory();
    leave(faults_of_again() < kMany / 10);
  };
  EXPECT_EXIT(kept(), testing::ExitedWithCode(0), "");
}

TEST(Allocator, LeavesTheChoiceToTheEnvironment) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
  GTEST_SKIP() << "another allocator";
#endif
  const auto given_back = [] {
    ::setenv("GLIBC_TUNABLES", "", 1);  // read at the start of a process only
    keep_freed_memory();
    leave(faults_of_again() > kMany);
  };
  EXPECT_EXIT(given_back(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace trunkline
