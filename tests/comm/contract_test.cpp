// The contract on the single communicator and on thread worlds of several sizes.
#include "comm/contract.hpp"

#include <gtest/gtest.h>

#include "support/thread_world.hpp"

namespace trunkline {

void PrintTo(const ContractCheck& check, std::ostream* out) { *out << check.name; }

namespace {

class Contract : public testing::TestWithParam<ContractCheck> {};

TEST_P(Contract, HoldsForTheSingleCommunicator) {
  EXPECT_EQ(GetParam().run(*make_single_communicator()), "");
}

TEST_P(Contract, HoldsForThreads) {
  for (const int ranks : {1, 2, 3, 4, 7}) {
    std::vector<std::string> found(static_cast<std::size_t>(ranks));
    run_ranks(ranks, [&](Communicator& world) {
      found[static_cast<std::size_t>(world.rank())] = GetParam().run(world);
    });
    for (const std::string& text : found) EXPECT_EQ(text, "") << "on " << ranks << " ranks";
  }
}

INSTANTIATE_TEST_SUITE_P(Comm, Contract, testing::ValuesIn(contract()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace trunkline
