// Rows that are spread over ranks, and the few questions that k-means asks of all of them.
#pragma once

#include <functional>

#include "trunkline/learn/kmeans.hpp"

namespace trunkline {

/// Every method but for_blocks is collective. Rows are read as float64 around their common mean, so
/// that differences of squares keep their digits.
class SpreadRows {
 public:
  SpreadRows(const KmeansRows& rows, Ranks& ranks);

  int64_t size() const { return rows_.features.size(0); }  ///< of this rank
  int64_t total() const { return total_; }                 ///< of all ranks
  int64_t width() const { return rows_.features.size(1); }
  const at::Tensor& mean() const { return mean_; }  ///< (d)
  uint64_t sample(int64_t row) const {
    return static_cast<uint64_t>(rows_.samples.const_data_ptr<int64_t>()[row]);
  }

  /// visit(begin, z) with z float64 (rows, d)
  void for_blocks(const std::function<void(int64_t, const at::Tensor&)>& visit) const;

  struct Winner {
    at::Tensor row;  ///< (d)
    double score = 0.0;
    int64_t own = -1;  ///< its place among this rank's rows; -1 where it is another rank's
  };
  /// The row with the largest score, the lowest sample among equals.
  /// @param scores float64 (size()), none NaN
  Winner winner(const at::Tensor& scores) const;

  void sum(at::Tensor& tensor) const;

 private:
  const KmeansRows& rows_;
  Ranks& ranks_;
  at::Tensor mean_;
  int64_t total_ = 0;
};

}  // namespace trunkline
