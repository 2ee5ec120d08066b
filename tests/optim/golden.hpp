// Golden values of optimizers, schedules and clipping, made with torch 2.11 in float64.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace trunkline {

inline nlohmann::json golden_optim() {
  return nlohmann::json::parse(std::ifstream(std::string(TRUNKLINE_GOLDEN) + "/optim.json"));
}

}  // namespace trunkline
