// The contract over MPI, in one piece and with messages cut small; started by mpirun.
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "comm/contract_suite.hpp"
#include "comm/findings.hpp"
#include "trunkline/comm/mpi_session.hpp"

namespace trunkline {
namespace {

// A message of another length than expected: the receiver throws, and nobody is left waiting.
std::string wrong_lengths_are_refused(Communicator& world) {
  Findings findings;
  const auto size = static_cast<std::size_t>(world.size());
  for (const int64_t expected : {0, 1, 3}) {
    const std::vector<int64_t> send(size, 2);
    std::vector<int64_t> receive = send;
    const bool odd = world.rank() > 0;
    if (odd) receive[0] = expected;  // rank 0 sends 2
    at::Tensor output = at::zeros({2 * world.size() - (odd ? 2 - expected : 0)});
    const auto call = [&] {
      world.all_to_all_v(output, receive, at::zeros({2 * world.size()}), send);
    };
    if (odd)
      findings.expect_refused(call, "rank 0");
    else
      call();
    world.barrier();
  }
  return findings.text();
}

TEST(MpiSession, SeesTheLauncher) { EXPECT_TRUE(MpiSession::launched()); }

}  // namespace
}  // namespace trunkline

int main(int argc, char** argv) {
  using namespace trunkline;
  testing::InitGoogleTest(&argc, argv);
  const MpiSession session;
  const auto world = session.world();
  const auto cut = session.world(4096);
  const auto cut_small = session.world(5);
  const auto hosts = session.world_of_hosts();
  register_checks("MpiContract", *world, contract());
  register_checks("MpiContract", *world, {{"WrongLengthsAreRefused", wrong_lengths_are_refused}});
  register_checks("MpiContractInPieces", *cut, bit_checks());
  register_checks("MpiContractInPieces", *cut_small, value_checks());
  register_checks("MpiContractBetweenHosts", *hosts, contract());
  return RUN_ALL_TESTS();
}
