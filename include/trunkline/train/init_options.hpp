// Where a run begins that does not begin from random values.
#pragma once

#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// `init:` of the config.
struct InitOptions {
  std::string from;  ///< run folder, checkpoint folder, safetensors or .pt file; empty: random
  OrderedMap<std::vector<std::string>> map;  ///< names there -> one name here; whole, or what they
                                             ///< begin with up to a dot
  std::vector<std::string> skip;             ///< names here that begin anew all the same
  bool given() const { return !from.empty(); }
};
void describe(Keys& keys, InitOptions& options);

}  // namespace trunkline
