#include "trunkline/model/tokens.hpp"

#include "trunkline/core/error.hpp"

namespace trunkline {

bool reads_tokens(const TrunkOptions& options, const FieldDescription& field) {
  return options.kind == "transformer" && field.shape.size() == 1;
}

TrunkOptions with_tokens(TrunkOptions options, const FieldDescription& field,
                         const std::string& key) {
  if (!reads_tokens(options, field)) return options;
  TransformerOptions& o = options.transformer;
  check<UsageError>(is_integral(field.dtype),
                    "{}.kind: transformer reads integers (tokens) or images, but {} has rows of {} "
                    "numbers of type {}; use kind: mlp",
                    key, field.name, field.shape[0], name_of(field.dtype));
  check<DataError>(field.scale.empty() && field.bias.empty(),
                   "{}: attributes scale and bias are for quantities, but tokens are names; remove "
                   "them",
                   field.name);
  const std::optional<int64_t> in_file = field.num_classes;
  check<UsageError>(o.vocabulary || in_file,
                    "{0}.vocabulary: required, because {1} has no attribute vocabulary; set it to "
                    "1 + the largest token",
                    key, field.name);
  if (!o.vocabulary) o.vocabulary = in_file;
  check<UsageError>(*o.vocabulary == in_file.value_or(*o.vocabulary),
                    "{}.vocabulary: {}, but {} has {} tokens by its attribute; leave the key out",
                    key, *o.vocabulary, field.name, in_file.value_or(0));
  if (!o.padding && field.ignore_value) o.padding = static_cast<int64_t>(*field.ignore_value);
  return options;
}

}  // namespace trunkline
