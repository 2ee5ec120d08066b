// Gathering of things that differ in size from rank to rank: numbers and text.
#pragma once

#include <string>
#include <vector>

#include "trunkline/train/agreement.hpp"

namespace trunkline {

/// Every rank's numbers, by rank. Collective.
std::vector<std::vector<double>> gather_numbers(Ranks& ranks, const std::vector<double>& mine);

/// Every rank's text, by rank. Collective.
std::vector<std::string> gather_text(Ranks& ranks, const std::string& mine);

/// One integer of every rank, by rank. Collective.
std::vector<int64_t> gather_integer(Ranks& ranks, int64_t mine);

}  // namespace trunkline
