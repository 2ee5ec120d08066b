#include "trunkline/model/roc_auc.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "trunkline/model/metric_state.hpp"

namespace trunkline {
namespace {

bool has_nan(const std::vector<double>& scores) {
  return std::any_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); });
}

}  // namespace

std::optional<double> RocAuc::value() const {
  if (positives_.empty() || negatives_.empty()) return std::nullopt;
  if (has_nan(positives_) || has_nan(negatives_)) return std::nullopt;  // no order to speak of
  std::vector<double> negatives = negatives_;
  std::sort(negatives.begin(), negatives.end());
  uint64_t doubled = 0;  // twice the statistic: an integer, so that the sum is exact
  for (const double score : positives_) {
    const auto [first, last] = std::equal_range(negatives.begin(), negatives.end(), score);
    doubled += static_cast<uint64_t>((first - negatives.begin()) + (last - negatives.begin()));
  }
  return 0.5 * static_cast<double>(doubled) / static_cast<double>(positives_.size()) /
         static_cast<double>(negatives_.size());
}

void RocAuc::save(std::vector<double>& state) const {
  for (const std::vector<double>* scores : {&positives_, &negatives_}) {
    state.push_back(static_cast<double>(scores->size()));
    state.insert(state.end(), scores->begin(), scores->end());
  }
}

void RocAuc::merge(std::span<const double>& state) {
  for (std::vector<double>* scores : {&positives_, &negatives_}) {
    const auto size = static_cast<std::size_t>(take(state, 1)[0]);
    const auto other = take(state, size);
    scores->insert(scores->end(), other.begin(), other.end());
  }
}

}  // namespace trunkline
