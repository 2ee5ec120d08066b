// What all ranks know together at the end of a step (collective c4), and decide from alike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace trunkline {

/// What one rank says. Fixed size: the same number of doubles on every rank in every step.
struct RankRecord {
  std::vector<double> loss_sums;  ///< per task, over this rank's valid elements
  double trunk_squares = 0.0;     ///< squared norm of this rank's slice of the trunk gradient
  std::vector<double>
      part_squares;             ///< per head and stem: squared norm, by its lowest holder, else 0
  bool stop = false;            ///< this rank was asked to stop
  bool save = false;            ///< this rank's clock says that a checkpoint is due
  uint64_t parameter_hash = 0;  ///< of the trunk, in steps that compare it; else 0
};

/// All ranks' records, summed in rank order: the same bits everywhere.
struct StepRecord {
  std::vector<double> loss_sums;
  double trunk_squares = 0.0;
  std::vector<double> part_squares;
  bool stop = false, save = false;
  std::vector<uint64_t> parameter_hashes;  ///< per rank

  double squared_norm() const;
  bool finite() const;
  /// First part whose gradient, or task whose loss, is not finite; part_squares.size() if only the
  /// trunk's gradient is not.
  std::size_t first_nonfinite_part() const;
  bool replicas_agree() const;
};

/// Doubles in one rank's record. @param parts heads and stems
int64_t record_elements(std::size_t tasks, std::size_t parts);

/// Writes a record as record_elements numbers.
void pack(const RankRecord& record, std::span<double> out);

/// The sum, in rank order, of the records of all ranks as pack wrote them one after the other.
StepRecord sum_records(std::span<const double> records, std::size_t tasks, std::size_t parts);

}  // namespace trunkline
