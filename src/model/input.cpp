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

// Whether single precision would round the numbers before the mean is subtracted.
bool is_wide(const at::Tensor& x) {
  return x.scalar_type() == c10::kDouble || x.scalar_type() == c10::kLong ||
         x.scalar_type() == c10::kInt;
}

}  // namespace

at::Tensor prepare_input(const at::Tensor& x, const FieldDescription& field,
                         c10::ScalarType precision, const ColumnStatistics& statistics) {
  const bool last = channels_last(field);
  at::Tensor result = x.to(!statistics.empty() && is_wide(x) ? c10::kDouble : precision);
  if (x.dim() == 1) result = result.unsqueeze(1);  // one number per row is one channel
  const int64_t channel_axis = last ? result.dim() - 1 : 1;
  result = scale_and_shift(result, field, channel_axis);
  if (!statistics.empty()) result = standardize(result, statistics, channel_axis).to(precision);
  return last ? result.movedim(-1, 1).contiguous() : result.contiguous();
}

std::vector<int64_t> input_shape(const FieldDescription& field) {
  std::vector<int64_t> shape = field.shape;
  if (shape.empty()) return {1};
  if (channels_last(field)) std::rotate(shape.begin(), shape.end() - 1, shape.end());
  return shape;
}

int64_t input_channels(const FieldDescription& field) {
  const std::vector<int64_t> shape = input_shape(field);
  return shape.size() == 2 ? 1 : shape.front();
}

}  // namespace trunkline
