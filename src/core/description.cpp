#include "trunkline/core/description.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

const FieldDescription& SourceDescription::target(const std::string& field) const {
  for (const FieldDescription& candidate : targets)
    if (candidate.name == field) return candidate;
  throw DataError(fmt::format("source {}: no target \"{}\"", name, field));
}

bool same_codes(const FieldDescription& a, const FieldDescription& b) {
  const bool known = a.code_names != 0 && b.code_names != 0;
  return a.codes == b.codes && (!known || a.code_names == b.code_names);
}

}  // namespace trunkline
