#include "trunkline/plan/batch_shares.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trunkline {
namespace {

constexpr double kUnit = 8.0;  // batches are multiples of it, so that they cut evenly over ranks

double weight_of(const BatchOptions& options, int64_t rows) {
  if (options.shares == "equal") return 1.0;
  const double exponent = options.shares == "temperature" ? 1.0 / options.tau : 1.0;
  return std::pow(static_cast<double>(rows), exponent);
}

}  // namespace

void describe(Keys& keys, BatchOptions& o) {
  keys.value("total", o.total,
             "rows per step of all sources together, shared out by `shares`; 0: each source's own "
             "batch counts",
             {.min = 0});
  const bool shared = o.total > 0;
  keys.choice("shares", o.shares, {"equal", "proportional", "temperature"},
              "share of a source: the same for all, by its rows, or by rows^(1/tau)",
              {.when = shared, .when_text = "total"});
  keys.value("tau", o.tau, "1 is proportional, large values come near to equal",
             {.min = 0,
              .exclusive_min = true,
              .when = shared && o.shares == "temperature",
              .when_text = "shares: temperature"});
}

std::vector<int64_t> share_batch(const BatchOptions& options, const std::vector<int64_t>& rows) {
  std::vector<double> weights;
  for (const int64_t n : rows) weights.push_back(weight_of(options, n));
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<int64_t> batches;
  for (const double weight : weights) {
    const double units = std::round(weight / sum * static_cast<double>(options.total) / kUnit);
    batches.push_back(static_cast<int64_t>(std::max(1.0, units) * kUnit));
  }
  return batches;
}

}  // namespace trunkline
