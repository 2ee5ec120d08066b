#include "comm/findings.hpp"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <cstring>

#include "trunkline/core/random.hpp"

namespace trunkline {

void Findings::expect_equal(const at::Tensor& found, const at::Tensor& expected,
                            const std::string& what) {
  const bool same_shape =
      found.scalar_type() == expected.scalar_type() && found.numel() == expected.numel();
  const bool same =
      same_shape && (found.numel() == 0 ||
                     std::memcmp(found.const_data_ptr(), expected.contiguous().const_data_ptr(),
                                 found.nbytes()) == 0);
  expect(same, fmt::format("{}, {} x {}: values differ", what, found.numel(),
                           c10::toString(found.scalar_type())));
}

at::Tensor whole_numbers(int rank, int64_t elements, c10::ScalarType type) {
  return at::arange(elements, at::kLong).mul(3).add(5 * rank + 1).remainder(7).to(type);
}

at::Tensor rough_numbers(int rank, int64_t elements, c10::ScalarType type) {
  at::Tensor numbers = at::empty({elements}, at::kDouble);
  auto* data = numbers.mutable_data_ptr<double>();
  for (int64_t i = 0; i < elements; ++i) {
    const uint64_t k =
        mix(static_cast<uint64_t>(rank) * 0x9e3779b97f4a7c15u + static_cast<uint64_t>(i));
    const double mantissa = static_cast<double>(k >> 11) * 0x1p-53 - 0.5;
    data[i] = std::ldexp(mantissa, static_cast<int>(k % 40) - 20);
  }
  return numbers.to(type);
}

}  // namespace trunkline
