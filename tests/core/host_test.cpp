// What the system says of the machine.
#include "trunkline/core/host.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace trunkline {
namespace {

TEST(Host, HasTheNameThatTheSystemGivesIt) {
  std::array<char, 256> name{};
  ASSERT_EQ(::gethostname(name.data(), name.size()), 0);
  EXPECT_EQ(host_name(), name.data());
}

TEST(Host, CoresAreThoseOfTheAffinityMask) {
  const std::vector<int> all = cores_of_process();
  ASSERT_FALSE(all.empty());
  std::vector<int> bound;
  std::thread([&] {  // the mask is that of a thread; this one's ends with it
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(all.back(), &one);
    if (::sched_setaffinity(0, sizeof one, &one) == 0) bound = cores_of_process();
  })
      .join();
  EXPECT_EQ(bound, std::vector<int>{all.back()});
}

}  // namespace
}  // namespace trunkline
