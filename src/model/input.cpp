#include "trunkline/model/input.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/model/scaling.hpp"

namespace trunkline {
namespace {

bool channels_last(const FieldDescription& field) {
  check<DataError>(field.layout.empty() || field.layout.size() == field.shape.size(),
                   "{}: layout {} does not fit rows with {} axes", field.name, field.layout,
                   field.shape.size());
  return field.layout.ends_with('c');
}

}  // namespace

at::Tensor prepare_input(const at::Tensor& x, const FieldDescription& field,
                         c10::ScalarType precision) {
  const bool last = channels_last(field);
  at::Tensor result = x.to(precision);
  if (x.dim() == 1) result = result.unsqueeze(1);  // one number per row is one channel
  result = scale_and_shift(result, field, last ? result.dim() - 1 : 1);
  return last ? result.movedim(-1, 1).contiguous() : result.contiguous();
}

std::vector<int64_t> input_shape(const FieldDescription& field) {
  std::vector<int64_t> shape = field.shape;
  if (shape.empty()) return {1};
  if (channels_last(field)) std::rotate(shape.begin(), shape.end() - 1, shape.end());
  return shape;
}

}  // namespace trunkline
