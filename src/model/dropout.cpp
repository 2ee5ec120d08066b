#include "trunkline/model/dropout.hpp"

#include <ATen/ops/empty.h>

#include <span>
#include <vector>

#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

// Odd, so that successive elements of a row walk through all 64-bit words before one returns.
constexpr uint64_t kStride = 0x9E3779B97F4A7C15u;

template <class T>
std::span<T> span_of(const at::Tensor& tensor) {
  return {static_cast<T*>(tensor.data_ptr()), static_cast<std::size_t>(tensor.numel())};
}

// @return what follows the mask of these samples
template <class T>
std::span<T> draw(std::span<T> mask, std::size_t width, std::span<const int64_t> samples,
                  uint64_t layer, double p) {
  const auto dropped = static_cast<uint64_t>(p * 0x1p53);
  const T kept = static_cast<T>(1.0 / (1.0 - p));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const uint64_t row = key({layer, static_cast<uint64_t>(samples[i])});
    T* out = mask.data() + i * width;
    for (std::size_t j = 0; j < width; ++j)
      out[j] = mix(row + j * kStride) >> 11 < dropped ? T{0} : kept;
  }
  return mask.subspan(samples.size() * width);
}

template <class T>
void draw_all(const at::Tensor& mask, const Context& context, const Dropout& dropout) {
  const auto width = static_cast<std::size_t>(mask.numel() / mask.size(0));
  std::span<T> rest = span_of<T>(mask);
  for (const SourceRows& rows : context.rows) {
    const at::Tensor samples = rows.samples.cpu().to(c10::kLong).contiguous();
    const uint64_t layer = key(
        {context.seed, static_cast<uint64_t>(context.step), rows.source, name_key(dropout.name)});
    rest = draw(rest, width, span_of<const int64_t>(samples), layer, dropout.p);
  }
}

int64_t row_count(const Context& context) {
  int64_t count = 0;
  for (const SourceRows& rows : context.rows) count += rows.samples.numel();
  return count;
}

}  // namespace

at::Tensor Dropout::forward(const at::Tensor& x, const Context& context) const {
  if (!context.training || p == 0.0 || x.numel() == 0) return x;
  ensure(row_count(context) == x.size(0), "dropout while training needs one sample number per row");
  std::vector<int64_t> shape = x.sizes().vec();
  if (unit == Unit::kChannel)
    for (std::size_t axis = 2; axis < shape.size(); ++axis) shape[axis] = 1;

  const bool wide = x.scalar_type() == c10::kDouble;
  const at::Tensor mask = at::empty(shape, wide ? c10::kDouble : c10::kFloat);
  if (wide)
    draw_all<double>(mask, context, *this);
  else
    draw_all<float>(mask, context, *this);
  return x.mul(mask.to(x.options()));
}

void check_dropout(double p, const std::string& key) {
  check<UsageError>(p >= 0.0 && p < 1.0, "{}: {} is not a probability below 1", key, p);
}

}  // namespace trunkline
