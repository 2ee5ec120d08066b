#include "regression_loss.hpp"

#include <algorithm>
#include <cmath>

#include "trunkline/core/error.hpp"
#include "trunkline/model/losses.hpp"

namespace trunkline {
namespace {

Prediction values_only(const at::Tensor& output) { return {.prediction = output}; }

int64_t nearest_to_median(const std::vector<double>& levels) {
  const auto nearer = [](double a, double b) { return std::abs(a - 0.5) < std::abs(b - 0.5); };
  return std::min_element(levels.begin(), levels.end(), nearer) - levels.begin();
}

RegressionLoss quantile_loss(const std::vector<double>& levels) {
  const auto count = static_cast<int64_t>(levels.size());
  const auto by_level = [count](const at::Tensor& output) {
    return output.unflatten(1, {-1, count});
  };
  return {count,
          [=](const at::Tensor& output, const at::Tensor& labels) {
            return quantile_error(by_level(output), labels, levels);
          },
          [=](const at::Tensor& output) {
            const at::Tensor quantiles = by_level(output);
            return Prediction{.prediction = quantiles.select(2, nearest_to_median(levels)),
                              .quantiles = quantiles};
          }};
}

// The first half of the outputs are means, the second half logarithms of variances.
RegressionLoss gaussian_loss() {
  return {2,
          [](const at::Tensor& output, const at::Tensor& labels) {
            const std::vector<at::Tensor> halves = output.chunk(2, 1);
            return gaussian_error(halves[0], halves[1], labels);
          },
          [](const at::Tensor& output) {
            const std::vector<at::Tensor> halves = output.chunk(2, 1);
            return Prediction{.prediction = halves[0],
                              .standard_deviation = floor_log_variance(halves[1]).mul(0.5).exp()};
          }};
}

}  // namespace

RegressionLoss make_regression_loss(const LossOptions& options) {
  const std::string& kind = options.kind;
  if (kind.empty() || kind == "mse") return {1, squared_error, values_only};
  if (kind == "mae") return {1, absolute_error, values_only};
  if (kind == "huber")
    return {1,
            [delta = options.huber_delta](const at::Tensor& output, const at::Tensor& labels) {
              return huber_error(output, labels, delta);
            },
            values_only};
  if (kind == "quantile") return quantile_loss(options.quantiles);
  ensure(kind == "gaussian", "a loss that no regression has");
  return gaussian_loss();
}

}  // namespace trunkline
