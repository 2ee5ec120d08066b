// k-means: what it finds, and that ranks and the order of rows do not matter.
#include "trunkline/learn/kmeans.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "support/thread_world.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

/// Row i is a point of blob i % blobs, whose centres are 10 apart.
at::Tensor blobs(int64_t rows, int64_t blobs, double spread) {
  const at::Tensor x = at::empty({rows, 2}, at::kDouble);
  auto* out = x.mutable_data_ptr<double>();
  for (int64_t i = 0; i < rows; ++i)
    for (uint64_t axis = 0; axis < 2; ++axis)
      *out++ = 10.0 * static_cast<double>(axis == 0 ? (i % blobs) / 2 : i % blobs % 2) +
               spread * normal(key({static_cast<uint64_t>(i), axis}));
  return x;
}

/// What kmeans finds where rank r of `ranks` has the rows with row % ranks == r, or, contiguous,
/// its piece of them in reverse order; ranks must agree bit for bit.
Kmeans on_ranks(int ranks, const at::Tensor& x, const KmeansOptions& options,
                bool contiguous = false) {
  Kmeans result;
  std::mutex mutex;
  run_ranks(ranks, [&](Communicator& world) {
    CommQueue queue;
    Ranks all{world, queue};
    std::vector<at::Tensor> rows, samples;
    for (int64_t i = x.size(0) - 1; i >= 0; --i) {
      const int64_t owner = contiguous ? i * ranks / x.size(0) : i % ranks;
      if (owner != world.rank()) continue;
      rows.push_back(x[i]);
      samples.push_back(at::full({}, i, at::kLong));
    }
    const bool none = rows.empty();
    const KmeansRows mine = {none ? at::empty({0, x.size(1)}, x.options()) : at::stack(rows),
                             none ? at::empty({0}, at::kLong) : at::stack(samples)};
    const Kmeans found = kmeans(mine, options, all);
    const std::lock_guard lock(mutex);
    if (result.centres.defined()) {
      EXPECT_TRUE(result.centres.equal(found.centres));
    }
    result = found;
  });
  return result;
}

KmeansOptions options(int64_t clusters, int64_t restarts = 5, uint64_t seed = 1) {
  return {.clusters = clusters, .restarts = restarts, .rounds = 100, .seed = seed};
}

double difference(const Kmeans& a, const Kmeans& b) {
  return a.centres.sub(b.centres).abs().max().item<double>();
}

TEST(Kmeans, FindsBlobs) {
  const Kmeans found = on_ranks(1, blobs(200, 4, 0.5), options(4));
  for (int64_t b = 0; b < 4; ++b) {
    const at::Tensor centre = at::empty({2}, at::kDouble);
    centre.mutable_data_ptr<double>()[0] = 10.0 * static_cast<double>(b / 2);
    centre.mutable_data_ptr<double>()[1] = 10.0 * static_cast<double>(b % 2);
    EXPECT_LT(found.centres.sub(centre).abs().amax(1).min().item<double>(), 0.5) << b;
  }
  EXPECT_NEAR(found.inertia, 200 * 2 * 0.25, 30);
}

TEST(Kmeans, IsTheSameOnAnyRanksAndInAnyOrder) {
  for (const auto& [clusters, spread] : std::vector<std::pair<int64_t, double>>{{4, 0.5}, {7, 6}}) {
    const at::Tensor x = blobs(150, 6, spread);
    const Kmeans single = on_ranks(1, x, options(clusters));
    for (const int ranks : {2, 3, 4})
      for (const bool contiguous : {false, true}) {
        const Kmeans found = on_ranks(ranks, x, options(clusters), contiguous);
        EXPECT_LT(difference(found, single), 1e-12) << ranks;
        EXPECT_EQ(found.restart, single.restart);
        EXPECT_EQ(found.rounds, single.rounds);
      }
  }
}

TEST(Kmeans, RanksMayHaveNoRows) {
  const at::Tensor x = blobs(5, 4, 0.1);
  EXPECT_LT(difference(on_ranks(7, x, options(3)), on_ranks(1, x, options(3))), 1e-12);
}

TEST(Kmeans, DependsOnTheSeed) {
  const at::Tensor x = blobs(150, 6, 6);
  EXPECT_GT(difference(on_ranks(1, x, options(7, 1, 1)), on_ranks(1, x, options(7, 1, 2))), 1e-3);
}

TEST(Kmeans, MoreRestartsAreNotWorse) {
  const at::Tensor x = blobs(150, 6, 6);
  EXPECT_LE(on_ranks(1, x, options(9, 20)).inertia, on_ranks(1, x, options(9, 1)).inertia);
}

// Each row is its own cluster, at distance 0.
TEST(Kmeans, MayHaveAsManyClustersAsRows) {
  const Kmeans found = on_ranks(2, blobs(6, 4, 0.5), options(6));
  EXPECT_NEAR(found.inertia, 0.0, 1e-12);
}

TEST(Kmeans, EndsWhereRowsAreAlike) {
  const Kmeans found = on_ranks(2, at::full({9, 2}, 3.25, at::kDouble), options(3));
  EXPECT_EQ(found.inertia, 0.0);
  EXPECT_TRUE(found.centres.eq(3.25).all().item<bool>());
}

// Squares of such numbers have no digits left for the differences.
TEST(Kmeans, KeepsItsDigitsFarFromZero) {
  const at::Tensor x = blobs(200, 4, 0.5);
  const Kmeans near = on_ranks(1, x, options(4)), far = on_ranks(1, x.add(1e8), options(4));
  EXPECT_LT(far.centres.sub(1e8).sub(near.centres).abs().max().item<double>(), 1e-6);
}

TEST(Kmeans, SaysWhereRowsAreNotFinite) {
  at::Tensor x = blobs(9, 4, 0.5);
  x[3][1].fill_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(std::isnan(on_ranks(2, x, options(3)).inertia));
}

// The share of draws of each row after a first centre at 0 is that of its squared distance.
TEST(Kmeans, DrawsInProportionToSquaredDistances) {
  const at::Tensor x = at::empty({3, 1}, at::kDouble);
  const double places[] = {0.0, 1.0, 2.0};
  std::copy(places, places + 3, x.mutable_data_ptr<double>());
  int first_is_zero = 0, second_is_two = 0;
  for (uint64_t seed = 0; seed < 4000; ++seed) {
    KmeansOptions one = options(2, 1, seed);
    one.rounds = 1;  // centres as they were drawn
    const at::Tensor centres = on_ranks(1, x, one).centres;
    if (std::abs(centres[0].item<double>()) > 1e-9) continue;
    ++first_is_zero;
    second_is_two += centres[1].item<double>() > 1.5;
  }
  EXPECT_NEAR(first_is_zero, 4000 / 3.0, 5 * std::sqrt(4000 * 2 / 9.0));
  EXPECT_NEAR(second_is_two, 0.8 * first_is_zero, 5 * std::sqrt(0.16 * first_is_zero));
}

}  // namespace
}  // namespace trunkline
