// What every backend of Communicator must do, as checks that any set of ranks can run together.
#pragma once

#include <string>
#include <vector>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// One promise of the contract. All ranks call run; it makes the same collectives on all of them
/// whatever it finds, so that no rank is left waiting, and returns what was wrong on this rank
/// (empty if nothing).
struct ContractCheck {
  std::string name;
  std::string (*run)(Communicator& world);
};

/// All of them, in a fixed order.
std::vector<ContractCheck> contract();

// The parts that contract() is put together from.
std::vector<ContractCheck> value_checks();     ///< right values, for every type and size
std::vector<ContractCheck> bit_checks();       ///< same bits on all ranks, and each time
std::vector<ContractCheck> split_checks();     ///< new communicators from old
std::vector<ContractCheck> argument_checks();  ///< wrong arguments throw

}  // namespace trunkline
