#include "trunkline/core/allocator.hpp"

#include <cstdlib>
#include <initializer_list>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace trunkline {

void keep_freed_memory() {
#ifdef __GLIBC__
  for (const char* name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"})
    if (std::getenv(name) != nullptr) return;
  mallopt(M_TRIM_THRESHOLD, -1);
  // A block that is mapped by itself goes back when it is freed.
  constexpr int kMost = 1 << 30, kMostOfOldVersions = 32 << 20;
  if (mallopt(M_MMAP_THRESHOLD, kMost) == 0) mallopt(M_MMAP_THRESHOLD, kMostOfOldVersions);
#endif
}

}  // namespace trunkline
