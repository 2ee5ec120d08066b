// What commands share.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "trunkline/train/program.hpp"

namespace trunkline {

/// Writes a result for programs: to a file, or to standard output for "-"; nothing for "".
void write_json(const std::string& path, const nlohmann::json& json);

}  // namespace trunkline
