#include "trunkline/model/contingency_table.hpp"

#include <cmath>
#include <numeric>

#include "trunkline/model/best_matching.hpp"
#include "trunkline/model/cluster_sizes.hpp"
#include "trunkline/model/metric_state.hpp"

namespace trunkline {
namespace {

double pairs(double n) { return n * (n - 1.0) / 2.0; }

double sum_of_pairs(const std::vector<double>& sizes) {
  double sum = 0.0;
  for (const double n : sizes) sum += pairs(n);
  return sum;
}

}  // namespace

void ContingencyTable::add(int64_t label, int64_t cluster) {
  std::vector<int64_t>& row = counts_[label];
  row.resize(clusters_);
  ++row[static_cast<std::size_t>(cluster)];
}

std::vector<double> ContingencyTable::label_sizes() const {
  std::vector<double> sizes;
  for (const auto& [label, row] : counts_)
    sizes.push_back(static_cast<double>(std::accumulate(row.begin(), row.end(), int64_t{0})));
  return sizes;
}

std::vector<double> ContingencyTable::cluster_sizes() const {
  std::vector<double> sizes(clusters_, 0.0);
  for (const auto& [label, row] : counts_)
    for (std::size_t j = 0; j < clusters_; ++j) sizes[j] += static_cast<double>(row[j]);
  return sizes;
}

double ContingencyTable::rows() const {
  const std::vector<double> sizes = label_sizes();
  return std::accumulate(sizes.begin(), sizes.end(), 0.0);
}

std::optional<double> ContingencyTable::nmi() const {
  const double n = rows();
  if (n == 0.0) return std::nullopt;
  const std::vector<double> labels = label_sizes(), clusters = cluster_sizes();
  const double entropies = entropy_of_sizes(labels) + entropy_of_sizes(clusters);
  if (entropies == 0.0) return 1.0;
  double information = 0.0;
  std::size_t c = 0;
  for (const auto& [label, row] : counts_) {
    for (std::size_t j = 0; j < clusters_; ++j)
      if (const auto both = static_cast<double>(row[j]); both > 0.0)
        information += both / n * std::log(n * both / (labels[c] * clusters[j]));
    ++c;
  }
  return information / (entropies / 2.0);
}

std::optional<double> ContingencyTable::ari() const {
  const double n = rows();
  if (n == 0.0) return std::nullopt;
  const double labels = sum_of_pairs(label_sizes()), clusters = sum_of_pairs(cluster_sizes());
  double both = 0.0;
  for (const auto& [label, row] : counts_)
    for (const int64_t count : row) both += pairs(static_cast<double>(count));
  const double chance = n > 1.0 ? labels * clusters / pairs(n) : 0.0;
  const double largest = (labels + clusters) / 2.0;
  return largest == chance ? 1.0 : (both - chance) / (largest - chance);
}

std::optional<double> ContingencyTable::accuracy() const {
  const double n = rows();
  if (n == 0.0) return std::nullopt;
  std::vector<std::vector<int64_t>> gains;
  for (const auto& [label, row] : counts_) gains.push_back(row);
  return static_cast<double>(best_matching(gains)) / n;
}

void ContingencyTable::save(std::vector<double>& state) const {
  state.push_back(static_cast<double>(counts_.size()));
  for (const auto& [label, row] : counts_) {
    state.push_back(static_cast<double>(label));
    state.insert(state.end(), row.begin(), row.end());
  }
}

void ContingencyTable::merge(std::span<const double>& state) {
  for (auto labels = static_cast<int64_t>(take(state, 1)[0]); labels > 0; --labels) {
    std::vector<int64_t>& row = counts_[static_cast<int64_t>(take(state, 1)[0])];
    row.resize(clusters_);
    const auto other = take(state, clusters_);
    for (std::size_t j = 0; j < clusters_; ++j) row[j] += static_cast<int64_t>(other[j]);
  }
}

}  // namespace trunkline
