// Counts of (label, cluster) pairs and the measures of a clustering that follow. Torch-free.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace trunkline {

/// Exact over any split of the rows: counts are integers. Without rows nothing is defined.
class ContingencyTable {
 public:
  explicit ContingencyTable(int64_t clusters) : clusters_(static_cast<std::size_t>(clusters)) {}

  /// @param label any whole number   @param cluster in [0, clusters)
  void add(int64_t label, int64_t cluster);

  /// Mutual information over the arithmetic mean of both entropies (scikit-learn's default); 1
  /// where both are 0.
  std::optional<double> nmi() const;
  /// Adjusted Rand index (Hubert & Arabie 1985): pairs of rows that are together in both, 0 for
  /// chance, 1 for equal.
  std::optional<double> ari() const;
  /// Share of rows that are right under the best one-to-one map of clusters to labels.
  std::optional<double> accuracy() const;

  void save(std::vector<double>& state) const;
  void merge(std::span<const double>& state);

 private:
  std::vector<double> label_sizes() const;
  std::vector<double> cluster_sizes() const;
  double rows() const;

  std::size_t clusters_;
  std::map<int64_t, std::vector<int64_t>> counts_;  // by label, per cluster
};

}  // namespace trunkline
