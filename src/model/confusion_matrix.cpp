#include "trunkline/model/confusion_matrix.hpp"

#include <numeric>

#include "trunkline/model/metric_state.hpp"

namespace trunkline {
namespace {

std::optional<double> ratio(int64_t part, int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

// The mean of what is defined.
class Mean {
 public:
  void add(std::optional<double> value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  std::optional<double> value() const {
    if (count_ == 0) return std::nullopt;
    return sum_ / static_cast<double>(count_);
  }

 private:
  double sum_ = 0.0;
  int64_t count_ = 0;
};

}  // namespace

ConfusionMatrix::ConfusionMatrix(int64_t classes)
    : classes_(classes), counts_(static_cast<std::size_t>(classes * classes), 0) {}

int64_t ConfusionMatrix::labelled(int64_t label) const {
  int64_t sum = 0;
  for (int64_t c = 0; c < classes_; ++c) sum += count(label, c);
  return sum;
}

int64_t ConfusionMatrix::predicted(int64_t prediction) const {
  int64_t sum = 0;
  for (int64_t c = 0; c < classes_; ++c) sum += count(c, prediction);
  return sum;
}

std::optional<double> ConfusionMatrix::accuracy() const {
  int64_t correct = 0;
  for (int64_t c = 0; c < classes_; ++c) correct += count(c, c);
  return ratio(correct, std::accumulate(counts_.begin(), counts_.end(), int64_t{0}));
}

std::optional<double> ConfusionMatrix::f1(int64_t label) const {
  return ratio(2 * count(label, label), labelled(label) + predicted(label));
}

std::optional<double> ConfusionMatrix::macro_f1() const {
  Mean mean;
  for (int64_t c = 0; c < classes_; ++c) mean.add(f1(c));
  return mean.value();
}

std::optional<double> ConfusionMatrix::balanced_accuracy() const {
  Mean mean;
  for (int64_t c = 0; c < classes_; ++c) mean.add(ratio(count(c, c), labelled(c)));
  return mean.value();
}

std::optional<double> ConfusionMatrix::iou(int64_t label) const {
  return ratio(count(label, label), labelled(label) + predicted(label) - count(label, label));
}

std::optional<double> ConfusionMatrix::mean_iou() const {
  Mean mean;
  for (int64_t c = 0; c < classes_; ++c) mean.add(iou(c));
  return mean.value();
}

void ConfusionMatrix::save(std::vector<double>& state) const {
  state.insert(state.end(), counts_.begin(), counts_.end());
}

void ConfusionMatrix::merge(std::span<const double>& state) {
  const auto other = take(state, counts_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += static_cast<int64_t>(other[i]);
}

}  // namespace trunkline
