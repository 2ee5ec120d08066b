// Which tensor of a file begins which parameter: by name, after a map of names. Names only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trunkline/train/init_options.hpp"

namespace trunkline {

/// Names of the file by the names of the model's parameters that they begin. A name of the file is
/// that of a parameter unless `options.map` says otherwise: of its entries that are the name or
/// what it begins with up to a dot, the longest counts. Parameters under `options.skip` are left
/// out.
/// @param file for messages   @param theirs names of the file   @param ours names of the model
/// @throws UsageError for an entry of map or skip that names nothing, with the nearest name; for
/// two names that would begin one parameter; CheckpointError where no parameter begins from the
/// file
std::map<std::string, std::string> match_names(const InitOptions& options, const std::string& file,
                                               const std::vector<std::string>& theirs,
                                               const std::vector<std::string>& ours);

/// What names of tensors are counted under: "trunk", "heads.TASK", "stems.SOURCE", or the first
/// part of any other name.
std::string owner_of(const std::string& tensor);

}  // namespace trunkline
