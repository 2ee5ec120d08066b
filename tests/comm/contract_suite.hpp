// The contract as GoogleTest tests that all ranks of a launched program run together.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "comm/contract.hpp"

namespace trunkline {

class ContractTest : public testing::Test {
 public:
  ContractTest(Communicator& world, const ContractCheck& check) : world_(world), check_(check) {}

  void TestBody() override {
    EXPECT_EQ(check_.run(world_), "") << "on rank " << world_.rank() << " of " << world_.size();
  }

 private:
  Communicator& world_;
  ContractCheck check_;
};

/// Adds one test per check to a suite; the communicator must outlive RUN_ALL_TESTS.
inline void register_checks(const char* suite, Communicator& world,
                            const std::vector<ContractCheck>& checks) {
  for (const ContractCheck& check : checks)
    testing::RegisterTest(
        suite, check.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
        [&world, check]() -> testing::Test* { return new ContractTest(world, check); });
}

}  // namespace trunkline
