// The Hungarian algorithm against all permutations.
#include "trunkline/model/best_matching.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

using Gains = std::vector<std::vector<int64_t>>;

Gains random_gains(std::size_t rows, std::size_t columns, uint64_t k) {
  Gains gains(rows, std::vector<int64_t>(columns));
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      gains[i][j] = static_cast<int64_t>(key({k, i, j}) % 12);
  return gains;
}

// Every map of the shorter side into the longer one, as the begin of a permutation.
int64_t by_permutations(const Gains& gains) {
  const std::size_t rows = gains.size(), columns = gains[0].size();
  std::vector<std::size_t> longer(std::max(rows, columns));
  std::iota(longer.begin(), longer.end(), std::size_t{0});
  int64_t best = 0;
  do {
    int64_t sum = 0;
    for (std::size_t i = 0; i < std::min(rows, columns); ++i)
      sum += rows <= columns ? gains[i][longer[i]] : gains[longer[i]][i];
    best = std::max(best, sum);
  } while (std::next_permutation(longer.begin(), longer.end()));
  return best;
}

TEST(BestMatching, IsThatOfAllPermutations) {
  for (uint64_t k = 0; k < 40; ++k)
    for (const auto& [rows, columns] :
         std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {4, 4}, {2, 5}, {6, 3}, {6, 6}}) {
      const Gains gains = random_gains(rows, columns, k);
      EXPECT_EQ(best_matching(gains), by_permutations(gains)) << rows << "x" << columns << " " << k;
    }
}

TEST(BestMatching, DoesNotTakeTheLargestFirst) {
  EXPECT_EQ(best_matching({{5, 4}, {4, 0}}), 8);
  EXPECT_EQ(best_matching({}), 0);
}

}  // namespace
}  // namespace trunkline
