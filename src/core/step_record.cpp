#include "trunkline/core/step_record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace trunkline {
namespace {

constexpr int64_t kScalars = 4;  // trunk_squares, stop, save, parameter_hash

void add(StepRecord& sum, const double* part) {
  for (double& loss : sum.loss_sums) loss += *part++;
  for (double& squares : sum.head_squares) squares += *part++;
  sum.trunk_squares += *part++;
  sum.stop |= *part++ != 0.0;
  sum.save |= *part++ != 0.0;
  sum.parameter_hashes.push_back(std::bit_cast<uint64_t>(*part));
}

}  // namespace

int64_t record_elements(std::size_t tasks) { return 2 * static_cast<int64_t>(tasks) + kScalars; }

double StepRecord::squared_norm() const {
  double sum = trunk_squares;
  for (const double squares : head_squares) sum += squares;
  return sum;
}

bool StepRecord::finite() const {
  const bool losses = std::all_of(loss_sums.begin(), loss_sums.end(),
                                  [](double loss) { return std::isfinite(loss); });
  return losses && std::isfinite(squared_norm());
}

std::size_t StepRecord::first_nonfinite_task() const {
  for (std::size_t t = 0; t < loss_sums.size(); ++t)
    if (!std::isfinite(loss_sums[t]) || !std::isfinite(head_squares[t])) return t;
  return loss_sums.size();
}

bool StepRecord::replicas_agree() const {
  return std::all_of(parameter_hashes.begin(), parameter_hashes.end(),
                     [&](uint64_t hash) { return hash == parameter_hashes.front(); });
}

void pack(const RankRecord& record, std::span<double> part) {
  double* out = part.data();
  out = std::copy(record.loss_sums.begin(), record.loss_sums.end(), out);
  out = std::copy(record.head_squares.begin(), record.head_squares.end(), out);
  *out++ = record.trunk_squares;
  *out++ = record.stop ? 1.0 : 0.0;
  *out++ = record.save ? 1.0 : 0.0;
  *out = std::bit_cast<double>(record.parameter_hash);
}

StepRecord sum_records(std::span<const double> parts, std::size_t tasks) {
  const auto elements = static_cast<std::size_t>(record_elements(tasks));
  StepRecord sum;
  sum.loss_sums.assign(tasks, 0.0);
  sum.head_squares.assign(tasks, 0.0);
  for (; !parts.empty(); parts = parts.subspan(elements)) add(sum, parts.data());
  return sum;
}

}  // namespace trunkline
