// What a file says of the tokens that a transformer reads.
#pragma once

#include <string>

#include "trunkline/core/description.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// Whether rows of this input are tokens to a trunk or stem of these options: one axis, and a
/// transformer.
bool reads_tokens(const TrunkOptions& options, const FieldDescription& field);

/// The options with the vocabulary and the padding of the file, where the config leaves them open.
/// Those of a trunk that reads no tokens stay as they are.
/// @param key where the options stand in the config, for messages
/// @throws UsageError, DataError where tokens are no integers, have a scale, or no vocabulary
TrunkOptions with_tokens(TrunkOptions options, const FieldDescription& field,
                         const std::string& key);

}  // namespace trunkline
