#include "trunkline/model/label_statistics.hpp"

#include <cmath>
#include <numeric>

#include "trunkline/model/labels.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

TaskOptions without_loss(TaskOptions options) {
  options.loss = {};
  return options;
}

bool is_classification(const Task& task) { return task.kind().ends_with("classification"); }

// A trunk that fits any target.
TrunkShape any_trunk(const FieldDescription& field) {
  return {.width = 1,
          .maps = {1, 1, 1},
          .input = {1, 1, 1},
          .tokens = field.shape.empty() ? 0 : field.shape[0]};
}

}  // namespace

LabelStatistics::LabelStatistics(const std::string& task, const TaskOptions& options,
                                 const FieldDescription& field)
    : task_(make_task(task, without_loss(options), field, any_trunk(field))),
      moments_(is_classification(*task_) ? number_of_classes(task, options, field)
                                         : field.row_elements()) {
  if (is_classification(*task_)) class_counts_.resize(static_cast<std::size_t>(columns()), 0.0);
}

void LabelStatistics::add(const Batch& batch, const at::Tensor& counted) {
  Target target = task_->target(batch, c10::kDouble);
  if (counted.defined())
    target.valid =
        target.valid.logical_and(target.valid.dim() > 1 ? counted.unsqueeze(1) : counted);
  if (class_counts_.empty()) return moments_.add(target.values, target.valid);
  const auto labels = to_vector<int64_t>(target.values);
  const auto valid = to_vector<uint8_t>(target.valid);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (valid[i]) class_counts_[static_cast<std::size_t>(labels[i])] += 1.0;
}

ColumnStatistics LabelStatistics::statistics() const {
  if (class_counts_.empty()) return moments_.statistics();
  const double labels = std::accumulate(class_counts_.begin(), class_counts_.end(), 0.0);
  ColumnStatistics shares;
  for (const double count : class_counts_) {
    const double share = labels > 0.0 ? count / labels : 0.0;
    shares.mean.push_back(share);
    shares.deviation.push_back(std::sqrt(share * (1.0 - share)));
  }
  return shares;
}

}  // namespace trunkline
