#include "support/thread_world.hpp"

#include <numeric>
#include <thread>
#include <vector>

#include "support/thread_communicator.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

void run_rank(ThreadJob& job, const std::shared_ptr<Meeting>& meeting, int rank,
              const std::function<void(Communicator&)>& body) {
  const auto fail = [&](const char* what) {
    job.fail(std::current_exception(), fmt::format("rank {} failed: {}", rank, what));
  };
  try {
    ThreadCommunicator world(meeting, rank);
    body(world);
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("an unknown exception");
  }
  job.leave(rank);
}

}  // namespace

void run_ranks(int ranks, const std::function<void(Communicator& world)>& body) {
  ThreadJob job(ranks);
  std::vector<int> members(static_cast<std::size_t>(ranks));
  std::iota(members.begin(), members.end(), 0);
  const auto meeting = std::make_shared<Meeting>(job, members);
  {
    std::vector<std::jthread> threads;
    for (const int rank : members)
      threads.emplace_back([&, rank] { run_rank(job, meeting, rank, body); });
  }
  if (job.cause()) std::rethrow_exception(job.cause());
}

}  // namespace trunkline
