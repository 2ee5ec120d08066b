#include "trunkline/model/cluster_sizes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trunkline {
namespace {

constexpr double kCollapsed = 0.1;  // of an even share

double sum_of(std::span<const double> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), 0.0);
}

}  // namespace

double entropy_of_sizes(std::span<const double> sizes) {
  const double all = sum_of(sizes);
  double entropy = 0.0;
  for (const double size : sizes)
    if (size > 0.0) entropy -= size / all * std::log(size / all);
  return entropy;
}

std::optional<double> smallest_share(std::span<const double> sizes) {
  const double all = sum_of(sizes);
  if (all == 0.0) return std::nullopt;
  return *std::min_element(sizes.begin(), sizes.end()) / all;
}

std::vector<std::size_t> collapsed_clusters(std::span<const double> sizes) {
  const double limit = kCollapsed * sum_of(sizes) / static_cast<double>(sizes.size());
  std::vector<std::size_t> collapsed;
  for (std::size_t j = 0; j < sizes.size(); ++j)
    if (sizes[j] < limit) collapsed.push_back(j);
  return collapsed;
}

}  // namespace trunkline
