// The one thread that may call the HDF5 library.
#include "trunkline/h5/io_thread.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

TEST(IoThread, RunsAFunctionAndWaitsForIt) {
  IoThread io;
  std::thread::id there;
  io.run([&] { there = std::this_thread::get_id(); });
  EXPECT_NE(there, std::thread::id());
  EXPECT_NE(there, std::this_thread::get_id());
}

TEST(IoThread, RunsAtOnceWhatItAsksOfItself) {
  IoThread io;
  std::vector<int> order;
  io.run([&] {
    order.push_back(1);
    io.run([&] { order.push_back(2); });
    order.push_back(3);
  });
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(IoThread, RethrowsAndGoesOn) {
  IoThread io;
  EXPECT_THROW(io.run([] { throw DataError("shapes.h5: row 7 is not finite"); }), DataError);
  bool ran = false;
  io.run([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(IoThread, TakesTurnsWithSeveralThreads) {
  IoThread io;
  int runs = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) io.run([&] { ++runs; });
      });
  }
  EXPECT_EQ(runs, 100);
}

}  // namespace
}  // namespace trunkline
