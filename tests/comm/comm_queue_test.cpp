#include "trunkline/comm/comm_queue.hpp"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <numeric>
#include <vector>

#include "support/thread_world.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

TEST(CommQueue, RunsCallsInOrderOfSubmission) {
  CommQueue queue;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) queue.submit([&order, i] { order.push_back(i); });
  queue.run([] {});
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST(CommQueue, WaitReturnsAfterTheCall) {
  CommQueue queue;
  std::promise<void> open;
  std::atomic<bool> done = false;
  Work work = queue.submit([&] {
    open.get_future().wait();
    done = true;
  });
  EXPECT_FALSE(done);
  open.set_value();
  work.wait();
  EXPECT_TRUE(done);
  work.wait();
}

TEST(CommQueue, WorkOfNothingIsDone) {
  Work work;
  EXPECT_NO_THROW(work.wait());
}

TEST(CommQueue, WaitRethrowsWhatTheCallThrew) {
  CommQueue queue;
  Work work = queue.submit([] { throw CommunicationError("rank 3 is lost"); });
  EXPECT_THROW(work.wait(), CommunicationError);
}

TEST(CommQueue, CallsAfterAFailureAreNotRunAndFailAlike) {
  CommQueue queue;
  bool ran = false;
  Work earlier = queue.submit([] {});
  queue.submit([] { throw CommunicationError("rank 3 is lost"); });
  Work later = queue.submit([&] { ran = true; });
  EXPECT_NO_THROW(earlier.wait());
  EXPECT_THROW(later.wait(), CommunicationError);
  EXPECT_THROW(queue.run([&] { ran = true; }), CommunicationError);
  EXPECT_FALSE(ran);
}

TEST(CommQueue, DestructorRunsWhatWasSubmitted) {
  int runs = 0;
  {
    CommQueue queue;
    for (int i = 0; i < 50; ++i) queue.submit([&] { ++runs; });
  }
  EXPECT_EQ(runs, 50);
}

TEST(CommQueue, CarriesCollectivesWhileTheTrainingThreadGoesOn) {
  constexpr int kRanks = 4, kBuckets = 20;
  std::vector<int64_t> sums(kRanks, 0);
  run_ranks(kRanks, [&](Communicator& world) {
    CommQueue queue;
    std::vector<at::Tensor> buckets;
    std::vector<Work> works;
    for (int b = 0; b < kBuckets; ++b)
      buckets.push_back(at::full({8}, world.rank() + b, at::kLong));
    for (at::Tensor& bucket : buckets)
      works.push_back(queue.submit([&] { world.all_reduce(bucket); }));
    for (Work& work : works) work.wait();
    for (const at::Tensor& bucket : buckets)
      sums[static_cast<std::size_t>(world.rank())] += bucket.sum().item<int64_t>();
  });
  // 8 elements, 20 buckets: each is 0+1+2+3 plus four times the number of the bucket.
  EXPECT_EQ(sums, std::vector<int64_t>(kRanks, 8 * (20 * 6 + 4 * 190)));
}

TEST(CommQueue, HandsOnThatAnotherRankFailed) {
  std::atomic<int> woken = 0;
  const auto body = [&](Communicator& world) {
    if (world.rank() == 1) throw DataError("shapes.h5: row 7 is not finite");
    CommQueue queue;
    Work work = queue.submit([&] { world.barrier(); });
    try {
      work.wait();
    } catch (const CommunicationError&) {
      ++woken;
    }
  };
  EXPECT_THROW(run_ranks(3, body), DataError);
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace trunkline
