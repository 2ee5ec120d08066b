#include "trunkline/model/scaling.hpp"

#include <ATen/TracerMode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <vector>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

at::Tensor attribute_along(const std::vector<double>& numbers, const at::Tensor& v, int64_t axis,
                           const std::string& field, const char* attribute) {
  const auto size = static_cast<int64_t>(numbers.size());
  check<DataError>(size == 1 || size == v.size(axis),
                   "{}: attribute {} has {} numbers; expected 1, or {}, one per channel", field,
                   attribute, size, v.size(axis));
  return broadcast_along(numbers, v, axis);
}

}  // namespace

at::Tensor broadcast_along(const std::vector<double>& numbers, const at::Tensor& v, int64_t axis) {
  const auto size = static_cast<int64_t>(numbers.size());
  ensure(size == 1 || size == v.size(axis), "numbers that do not fit the axis they belong to");
  const at::tracer::impl::NoTracerDispatchMode constant;  // the numbers, not how they got there
  const at::Tensor tensor = at::empty({size}, c10::kDouble);
  std::copy(numbers.begin(), numbers.end(), tensor.mutable_data_ptr<double>());
  std::vector<int64_t> shape(static_cast<std::size_t>(v.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = size;
  return tensor.reshape(shape).to(v.options());
}

at::Tensor scale_and_shift(const at::Tensor& v, const FieldDescription& field, int64_t axis) {
  at::Tensor result = v;
  if (!field.scale.empty())
    result = result.mul(attribute_along(field.scale, v, axis, field.name, "scale"));
  if (!field.bias.empty())
    result = result.add(attribute_along(field.bias, v, axis, field.name, "bias"));
  return result;
}

}  // namespace trunkline
