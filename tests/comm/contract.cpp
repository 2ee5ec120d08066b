#include "comm/contract.hpp"

namespace trunkline {

std::vector<ContractCheck> contract() {
  std::vector<ContractCheck> all;
  for (const auto& part : {value_checks(), bit_checks(), split_checks(), argument_checks()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace trunkline
