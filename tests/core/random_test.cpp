// Test vectors of the canonical sample order (the keyed functions beneath it).
#include "trunkline/core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace trunkline {
namespace {

std::vector<uint64_t> first(uint64_t count, uint64_t n) {
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < count; ++i) values.push_back(permute(i, n, key({1, 2, 3})));
  return values;
}

TEST(Random, KeysHaveTheirPublishedValues) {
  EXPECT_EQ(mix(1), 0x5692161d100b05e5u);
  EXPECT_EQ(key({1, 2, 3}), 0x18bafaacb227cf87u);
  EXPECT_EQ(name_key("shapes"), 0xf5dd976edd4fc90fu);
}

TEST(Random, PermutationsHaveTheirPublishedValues) {
  EXPECT_EQ(first(10, 10), (std::vector<uint64_t>{4, 6, 9, 2, 0, 1, 7, 8, 5, 3}));
  EXPECT_EQ(first(5, 1000000), (std::vector<uint64_t>{860809, 153220, 917333, 372812, 17374}));
}

TEST(Random, PermuteIsABijectionThatInverts) {
  for (const uint64_t n : {1u, 2u, 5u, 255u, 256u, 257u, 1000u}) {
    std::vector<bool> seen(n, false);
    for (uint64_t i = 0; i < n; ++i) {
      const uint64_t image = permute(i, n, 99);
      ASSERT_LT(image, n);
      EXPECT_FALSE(seen[image]);
      seen[image] = true;
      EXPECT_EQ(permute_inverse(image, n, 99), i);
    }
  }
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  constexpr int kDraws = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double z = normal(key({7, static_cast<uint64_t>(i)}));
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.02);
}

}  // namespace
}  // namespace trunkline
