// The names in RUN/checkpoints, and what each of them means.
//
//   step-00000050           a committed checkpoint
//   step-00000050.replaced  the former one of that step, while a new one takes its place: it counts
//                           as committed exactly as long as there is no step-00000050
//   .step-00000050.partial  a save or a removal that is under way, or was interrupted
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline {

std::filesystem::path checkpoint_folder(const std::filesystem::path& run);
std::string step_name(int64_t step);
std::string replaced_name(int64_t step);
std::string partial_name(int64_t step);

/// The step of "step-00000050" or, if `suffix` is given, "step-00000050SUFFIX"; nothing for any
/// other name.
std::optional<int64_t> step_of(std::string_view name, std::string_view suffix = "");

/// Removes what interrupted saves and removals left behind.
void remove_leftovers(const std::filesystem::path& run);

}  // namespace trunkline
