#include "trunkline/core/description.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

const FieldDescription& SourceDescription::target(const std::string& field) const {
  for (const FieldDescription& candidate : targets)
    if (candidate.name == field) return candidate;
  throw DataError(fmt::format("source {}: no target \"{}\"", name, field));
}

}  // namespace trunkline
