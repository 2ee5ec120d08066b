// The version of trunkline.
#pragma once

namespace trunkline {

constexpr const char* kVersion = "0.1.0";

}  // namespace trunkline
