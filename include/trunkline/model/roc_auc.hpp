// The area under the ROC curve, exact, ties sharing their mean rank. Torch-free.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace trunkline {

/// Keeps every score: 8 bytes per row. The value depends on the set of rows alone, not on their
/// order or on how they were merged.
class RocAuc {
 public:
  void add(double score, bool positive) { (positive ? positives_ : negatives_).push_back(score); }

  /// The share of (positive, negative) pairs in which the positive has the higher score, ties
  /// counting one half (the Mann-Whitney statistic). Absent if a class has no rows or a score is
  /// NaN.
  std::optional<double> value() const;

  void save(std::vector<double>& state) const;
  void merge(std::span<const double>& state);

 private:
  std::vector<double> positives_, negatives_;
};

}  // namespace trunkline
