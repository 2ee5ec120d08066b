#include "trunkline/core/step_record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace trunkline {
namespace {

constexpr int64_t kScalars = 4;  // trunk_squares, stop, save, parameter_hash

void add(StepRecord& sum, const double* record) {
  for (double& loss : sum.loss_sums) loss += *record++;
  for (double& squares : sum.part_squares) squares += *record++;
  sum.trunk_squares += *record++;
  sum.stop |= *record++ != 0.0;
  sum.save |= *record++ != 0.0;
  sum.parameter_hashes.push_back(std::bit_cast<uint64_t>(*record));
}

}  // namespace

int64_t record_elements(std::size_t tasks, std::size_t parts) {
  return static_cast<int64_t>(tasks + parts) + kScalars;
}

double StepRecord::squared_norm() const {
  double sum = trunk_squares;
  for (const double squares : part_squares) sum += squares;
  return sum;
}

bool StepRecord::finite() const {
  const bool losses = std::all_of(loss_sums.begin(), loss_sums.end(),
                                  [](double loss) { return std::isfinite(loss); });
  return losses && std::isfinite(squared_norm());
}

std::size_t StepRecord::first_nonfinite_part() const {
  for (std::size_t p = 0; p < part_squares.size(); ++p) {
    const bool loss = p >= loss_sums.size() || std::isfinite(loss_sums[p]);
    if (!loss || !std::isfinite(part_squares[p])) return p;
  }
  return part_squares.size();
}

bool StepRecord::replicas_agree() const {
  return std::all_of(parameter_hashes.begin(), parameter_hashes.end(),
                     [&](uint64_t hash) { return hash == parameter_hashes.front(); });
}

void pack(const RankRecord& record, std::span<double> to) {
  double* out = to.data();
  out = std::copy(record.loss_sums.begin(), record.loss_sums.end(), out);
  out = std::copy(record.part_squares.begin(), record.part_squares.end(), out);
  *out++ = record.trunk_squares;
  *out++ = record.stop ? 1.0 : 0.0;
  *out++ = record.save ? 1.0 : 0.0;
  *out = std::bit_cast<double>(record.parameter_hash);
}

StepRecord sum_records(std::span<const double> records, std::size_t tasks, std::size_t parts) {
  const auto elements = static_cast<std::size_t>(record_elements(tasks, parts));
  StepRecord sum;
  sum.loss_sums.assign(tasks, 0.0);
  sum.part_squares.assign(parts, 0.0);
  for (; !records.empty(); records = records.subspan(elements)) add(sum, records.data());
  return sum;
}

}  // namespace trunkline
