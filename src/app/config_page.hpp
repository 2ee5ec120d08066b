// The config reference as a page, made from the definitions of the keys.
#pragma once

#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"

namespace trunkline {

/// Markdown: a heading and a table per section of the first level. docs/config.md is this page.
std::string config_page(const std::vector<KeyHelp>& keys);

}  // namespace trunkline
