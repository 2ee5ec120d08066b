#include "trunkline/model/column_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "trunkline/model/scaling.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

at::Tensor mean_along(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis) {
  return broadcast_along(statistics.mean, v, axis);
}

at::Tensor scale_along(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis) {
  std::vector<double> scale = statistics.deviation;
  std::replace(scale.begin(), scale.end(), 0.0, 1.0);
  return broadcast_along(scale, v, axis);
}

// Rows of columns of equal numbers of elements, in memory order.
class Elements {
 public:
  Elements(const at::Tensor& values, const at::Tensor& present, std::size_t columns)
      : values_(to_vector<double>(values)), columns_(columns) {
    if (present.defined()) present_ = to_vector<uint8_t>(present);
    if (!values_.empty())
      width_ = values_.size() / (static_cast<std::size_t>(values.size(0)) * columns);
  }

  /// visit(column, value) for every present element
  template <class Visit>
  void for_each(const Visit& visit) const {
    std::size_t entry = 0, column = 0;
    for (std::size_t i = 0; i < values_.size(); i += width_, ++entry) {
      if (present_.empty() || present_[entry] != 0)
        for (std::size_t j = i; j < i + width_; ++j) visit(column, values_[j]);
      if (++column == columns_) column = 0;
    }
  }

 private:
  std::vector<double> values_;
  std::vector<uint8_t> present_;
  std::size_t columns_, width_ = 1;  // width: elements of one row in one column
};

}  // namespace

at::Tensor standardize(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis) {
  return v.sub(mean_along(v, statistics, axis)).div(scale_along(v, statistics, axis));
}

at::Tensor restore_units(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis) {
  return restore_scale(v, statistics, axis).add(mean_along(v, statistics, axis));
}

at::Tensor restore_scale(const at::Tensor& v, const ColumnStatistics& statistics, int64_t axis) {
  return v.mul(scale_along(v, statistics, axis));
}

void ColumnMoments::Column::merge(const Column& other) {
  if (other.count == 0.0) return;
  if (count == 0.0) {
    *this = other;
    return;
  }
  const double total = count + other.count;
  const double delta = other.mean - mean;
  mean += delta * other.count / total;
  deviations += other.deviations + delta * delta * count * other.count / total;
  count = total;
  smallest = std::min(smallest, other.smallest);
  largest = std::max(largest, other.largest);
}

void ColumnMoments::add(const at::Tensor& values, const at::Tensor& present) {
  const Elements elements(values, present, columns_.size());
  std::vector<Column> block(columns_.size());
  elements.for_each([&](std::size_t c, double v) {
    Column& column = block[c];
    if (column.count == 0.0) column.smallest = column.largest = v;
    column.count += 1.0;
    column.mean += v;
    column.smallest = std::min(column.smallest, v);
    column.largest = std::max(column.largest, v);
  });
  for (Column& column : block)
    if (column.count > 0.0) column.mean /= column.count;
  elements.for_each([&](std::size_t c, double v) {
    const double delta = v - block[c].mean;
    block[c].deviations += delta * delta;
  });
  for (std::size_t c = 0; c < columns_.size(); ++c) columns_[c].merge(block[c]);
}

ColumnStatistics ColumnMoments::statistics() const {
  ColumnStatistics statistics;
  for (const Column& column : columns_) {
    const bool constant = column.smallest == column.largest && std::isfinite(column.mean);
    statistics.mean.push_back(constant ? column.smallest : column.mean);
    statistics.deviation.push_back(constant ? 0.0 : std::sqrt(column.deviations / column.count));
  }
  return statistics;
}

}  // namespace trunkline
