#include "trunkline/comm/device_choice.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace trunkline {
namespace {

std::vector<int> local_ranks(const std::vector<uint64_t>& hosts) {
  std::vector<int> all;
  for (std::size_t r = 0; r < hosts.size(); ++r)
    all.push_back(local_rank(hosts, static_cast<int>(r)));
  return all;
}

TEST(LocalRank, CountsLowerRanksOfTheSameHost) {
  EXPECT_EQ(local_ranks({7, 7, 7, 9, 9}), (std::vector{0, 1, 2, 0, 1}));
}

TEST(LocalRank, DoesNotNeedRanksOfAHostSideBySide) {
  EXPECT_EQ(local_ranks({7, 9, 7, 9, 7}), (std::vector{0, 0, 1, 1, 2}));
}

TEST(HostKey, IsTheSameEachTime) { EXPECT_EQ(host_key(), host_key()); }

TEST(DeviceIndex, DealsDevicesInTurn) {
  EXPECT_EQ(device_index(0, 4), 0);
  EXPECT_EQ(device_index(3, 4), 3);
  EXPECT_EQ(device_index(5, 4), 1);
}

TEST(DeviceIndex, IsZeroWhereTheLauncherShowsOneDevice) { EXPECT_EQ(device_index(3, 1), 0); }

TEST(ShareADevice, IsFalseForDifferentDevices) {
  EXPECT_FALSE(share_a_device(std::vector<uint64_t>{5}));
  EXPECT_FALSE(share_a_device(std::vector<uint64_t>{5, 6, 7}));
}

TEST(ShareADevice, IsTrueAsSoonAsTwoRanksHaveTheSame) {
  EXPECT_TRUE(share_a_device(std::vector<uint64_t>{5, 6, 5}));
}

}  // namespace
}  // namespace trunkline
