// Counts of (label, prediction) pairs and the classification metrics that follow. Torch-free.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace trunkline {

/// Exact over any split of the rows: counts are integers. Undefined values are absent.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int64_t classes);

  /// Both in [0, classes).
  void add(int64_t label, int64_t prediction) { ++counts_[cell(label, prediction)]; }
  int64_t count(int64_t label, int64_t prediction) const {
    return counts_[cell(label, prediction)];
  }

  /// Share of rows on the diagonal.
  std::optional<double> accuracy() const;
  /// 2 TP / (2 TP + FP + FN); absent for a class that neither labels nor predictions name.
  std::optional<double> f1(int64_t label) const;
  /// Mean F1 of the classes that occur in labels or predictions.
  std::optional<double> macro_f1() const;
  /// Mean recall of the classes that have labels.
  std::optional<double> balanced_accuracy() const;

  /// Intersection over union, TP / (TP + FP + FN); absent for a class that neither names.
  std::optional<double> iou(int64_t label) const;
  /// Mean intersection over union of the classes that occur in labels or predictions.
  std::optional<double> mean_iou() const;

  void save(std::vector<double>& state) const;
  void merge(std::span<const double>& state);

 private:
  std::size_t cell(int64_t label, int64_t prediction) const {
    return static_cast<std::size_t>(label * classes_ + prediction);
  }
  int64_t labelled(int64_t label) const;
  int64_t predicted(int64_t prediction) const;

  int64_t classes_;
  std::vector<int64_t> counts_;  // row by row: label, then prediction
};

}  // namespace trunkline
