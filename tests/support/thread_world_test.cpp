#include "support/thread_world.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

/// Runs the body and counts the ranks in which it threw a CommunicationError.
int count_woken(int ranks, const std::function<void(Communicator&)>& body) {
  std::atomic<int> woken = 0;
  try {
    run_ranks(ranks, [&](Communicator& world) {
      try {
        body(world);
      } catch (const CommunicationError&) {
        ++woken;
        throw;
      }
    });
  } catch (const Error&) {
  }
  return woken;
}

std::string message_of(int ranks, const std::function<void(Communicator&)>& body) {
  try {
    run_ranks(ranks, body);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

TEST(ThreadWorld, SumsInRankOrder) {
  // In any other order the small number is kept: (1e30 + 1) - 1e30 is 0, not 1.
  const std::vector<double> values = {1e30, 1.0, -1e30};
  run_ranks(3, [&](Communicator& world) {
    at::Tensor tensor = at::full({1}, values[static_cast<std::size_t>(world.rank())], at::kDouble);
    world.all_reduce(tensor);
    EXPECT_EQ(tensor.item<double>(), 0.0);
  });
}

TEST(ThreadWorld, RethrowsTheFirstException) {
  const auto body = [](Communicator& world) {
    if (world.rank() == 1) throw DataError("shapes.h5: row 7 is not finite");
    world.barrier();
  };
  EXPECT_THROW(run_ranks(4, body), DataError);
  EXPECT_EQ(message_of(4, body), "shapes.h5: row 7 is not finite");
}

TEST(ThreadWorld, WakesAllWaitersWhenOneRankThrows) {
  EXPECT_EQ(count_woken(4,
                        [](Communicator& world) {
                          if (world.rank() == 1) throw DataError("row 7 is not finite");
                          world.barrier();
                        }),
            3);
}

TEST(ThreadWorld, WakesWaitersInOtherCommunicators) {
  EXPECT_EQ(count_woken(4,
                        [](Communicator& world) {
                          const auto half = world.split(world.rank() / 2, 0);
                          if (world.rank() == 0) throw DataError("row 7 is not finite");
                          if (world.rank() == 2) return world.barrier();
                          half->barrier();
                        }),
            3);
}

TEST(ThreadWorld, AbortThrowsOnAllRanks) {
  const auto body = [](Communicator& world) {
    if (world.rank() == 2) world.abort(42);
    world.barrier();
  };
  EXPECT_EQ(count_woken(3, body), 2);
  try {
    run_ranks(3, body);
    FAIL() << "abort did not throw";
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), 42);
  }
}

TEST(ThreadWorld, RefusesDifferentCollectivesAtOnce) {
  const std::string message = message_of(2, [](Communicator& world) {
    at::Tensor tensor = at::zeros({1});
    if (world.rank() == 0) return world.barrier();
    world.all_reduce(tensor);
  });
  EXPECT_EQ(message, "rank 0 calls barrier while rank 1 calls all_reduce");
}

TEST(ThreadWorld, RefusesSizesThatDifferBetweenRanks) {
  const auto body = [](Communicator& world) {
    at::Tensor tensor = at::zeros({1 + world.rank()});
    world.all_reduce(tensor);
  };
  EXPECT_EQ(count_woken(3, body), 3);
}

TEST(ThreadWorld, RefusesCountsThatDifferBetweenSenderAndReceiver) {
  const std::string message = message_of(2, [](Communicator& world) {
    const int64_t expected = world.rank() == 1 ? 2 : 1;
    const std::vector<int64_t> send = {1, 1};
    const std::vector<int64_t> receive =
        world.rank() == 0 ? std::vector<int64_t>{1, expected} : std::vector<int64_t>{expected, 1};
    at::Tensor output = at::empty({receive[0] + receive[1]});
    world.all_to_all_v(output, receive, at::zeros({2}), send);
  });
  EXPECT_EQ(message, "all_to_all_v: rank 0 sends 1 elements to rank 1, which expects 2");
}

TEST(ThreadWorld, FailsWhenARankHasLeft) {
  EXPECT_EQ(count_woken(3,
                        [](Communicator& world) {
                          if (world.rank() != 1) world.barrier();
                        }),
            2);
}

}  // namespace
}  // namespace trunkline
