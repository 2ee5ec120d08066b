// One pass over a field of a split.
#pragma once

#include <algorithm>
#include <memory>

#include "trunkline/data/loader.hpp"

namespace trunkline {

/// visit(batch) for all rows of one field, in file order, in blocks.
template <class Visit>
void for_rows(const std::shared_ptr<Source>& source, Split split, const FieldDescription& field,
              const Visit& visit) {
  constexpr int64_t kBlockElements = int64_t{1} << 20;
  LoaderOptions options;
  options.batch = std::max<int64_t>(1, kBlockElements / field.row_elements());
  options.slots = {{0, options.batch}};
  options.fields = {field.name};
  const std::unique_ptr<Loader> loader = make_evaluation_loader(source, split, options);
  for (int64_t row = 0; row < source->rows(split); row += options.batch) visit(loader->next());
}

template <class Visit>
void for_training_rows(const std::shared_ptr<Source>& source, const FieldDescription& field,
                       const Visit& visit) {
  for_rows(source, Split::kTrain, field, visit);
}

}  // namespace trunkline
