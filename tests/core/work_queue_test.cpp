// Calls in the order of their submission, on one thread.
#include "trunkline/core/work_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace trunkline {
namespace {

TEST(WorkQueue, RunsCallsInOrderOfSubmission) {
  WorkQueue queue;
  std::vector<int> order;
  for (int i = 0; i < 100; ++i) queue.submit([&order, i] { order.push_back(i); });
  queue.submit([] {}).get();
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST(WorkQueue, RunsAllCallsOnOneThreadOfItsOwn) {
  WorkQueue queue;
  bool first = false, second = false;
  queue.submit([&] { first = queue.is_current(); }).get();
  queue.submit([&] { second = queue.is_current(); }).get();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(queue.is_current());
}

TEST(WorkQueue, IsReadyOnlyAfterTheCall) {
  WorkQueue queue;
  std::promise<void> open;
  std::atomic<bool> done = false;
  std::future<void> ready = queue.submit([&] {
    open.get_future().wait();
    done = true;
  });
  EXPECT_FALSE(done);
  open.set_value();
  ready.get();
  EXPECT_TRUE(done);
}

TEST(WorkQueue, GoesOnAfterACallThatThrew) {
  WorkQueue queue;
  bool ran = false;
  std::future<void> failed = queue.submit([] { throw std::runtime_error("row 7"); });
  queue.submit([&] { ran = true; }).get();
  EXPECT_THROW(failed.get(), std::runtime_error);
  EXPECT_TRUE(ran);
}

TEST(WorkQueue, DestructorRunsWhatWasSubmitted) {
  int runs = 0;
  {
    WorkQueue queue;
    for (int i = 0; i < 50; ++i) queue.submit([&] { ++runs; });
  }
  EXPECT_EQ(runs, 50);
}

TEST(WorkQueue, LetsGoOfACallBeforeItIsReady) {
  WorkQueue queue;
  const auto held = std::make_shared<int>(0);
  queue.submit([held] {}).get();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(WorkQueue, TakesCallsFromSeveralThreads) {
  int runs = 0;
  {
    WorkQueue queue;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) queue.submit([&] { ++runs; });
      });
    threads.clear();
  }
  EXPECT_EQ(runs, 100);
}

}  // namespace
}  // namespace trunkline
