#include "trunkline/exchange/gradient_norm.hpp"

#include <ATen/ops/linalg_vector_norm.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

// Independent partial sums let the compiler use vector units without reordering anything from run
// to run.
constexpr int64_t kLanes = 8;

template <class T>
double sum_of_squares(const T* values, int64_t n) {
  std::array<double, kLanes> lanes{};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double v = static_cast<double>(values[i + lane]);
      lanes[lane] += v * v;
    }
  for (; i < n; ++i) lanes[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  double sum = 0.0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

double squared_norm_on_device(const at::Tensor& part) {
  const double norm =
      at::linalg_vector_norm(part, /*ord=*/2, /*dim=*/{}, /*keepdim=*/false, at::kDouble)
          .item<double>();
  return norm * norm;
}

}  // namespace

double squared_norm(const at::Tensor& flat, int64_t begin, int64_t end) {
  if (!flat.is_cpu()) return squared_norm_on_device(flat.narrow(0, begin, end - begin));
  if (flat.scalar_type() == at::kFloat)
    return sum_of_squares(flat.const_data_ptr<float>() + begin, end - begin);
  ensure(flat.scalar_type() == at::kDouble, "gradients are float32 or float64");
  return sum_of_squares(flat.const_data_ptr<double>() + begin, end - begin);
}

double clip_factor(double squared_norm, double max_norm) {
  if (max_norm <= 0.0) return 1.0;
  return std::min(1.0, max_norm / (std::sqrt(squared_norm) + 1e-6));
}

}  // namespace trunkline
