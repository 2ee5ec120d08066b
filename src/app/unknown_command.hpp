// A misspelt command, and the one that was meant.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace trunkline {

/// Follows the words of a command line down the tree of commands. @return one line that names the
/// first word that is no command where one is needed, the nearest one that is, and all of them;
/// nothing where every word is known
std::optional<std::string> unknown_command(const CLI::App& app,
                                           const std::vector<std::string>& words);

}  // namespace trunkline
