#include "trunkline/core/batch.hpp"

#include <algorithm>

namespace trunkline {

Batch Batch::slice(SlotRange range) const {
  const int64_t* first = rows() > 0 ? slots.const_data_ptr<int64_t>() : nullptr;
  const int64_t* last = first + rows();
  const int64_t begin = std::lower_bound(first, last, range.begin) - first;
  const int64_t length = std::lower_bound(first + begin, last, range.end) - first - begin;
  if (begin == 0 && length == rows()) return *this;
  Batch part{source, epoch, slots.narrow(0, begin, length), samples.narrow(0, begin, length), {}};
  for (const auto& [name, tensor] : fields) part.fields[name] = tensor.narrow(0, begin, length);
  return part;
}

}  // namespace trunkline
