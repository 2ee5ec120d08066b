#include <ATen/ops/zeros.h>

#include "trunkline/core/error.hpp"
#include "trunkline/model/delegating_task.hpp"
#include "trunkline/model/task_kinds.hpp"

namespace trunkline {
namespace {

/// The metrics that episodes give; a pass over rows has nothing to add to them.
class EpisodeMetric final : public Metric {
 public:
  void add(const at::Tensor&, const Target&) override {}
  std::vector<double> state() const override { return {}; }
  void merge(std::span<const double>) override {}
  std::vector<MetricValue> values() const override {
    return {{"loss", {}}, {"accuracy", {}}, {"accuracy_ci95", {}}};
  }
};

class FewShot final : public DelegatingTask {
 public:
  using DelegatingTask::DelegatingTask;

  Target target(const Batch& batch, c10::ScalarType) const override {
    const int64_t rows = batch.rows();
    return {at::zeros({rows}, c10::kLong), at::zeros({rows}, c10::kBool),
            at::zeros({rows}, c10::kDouble)};
  }

  std::unique_ptr<Metric> metric() const override { return std::make_unique<EpisodeMetric>(); }
};

}  // namespace

std::unique_ptr<Task> make_few_shot(const std::string& name, const TaskOptions& options,
                                    const FieldDescription& field, const TrunkShape& trunk,
                                    const ColumnStatistics& statistics) {
  check<UsageError>(options.classes.has_value(),
                    "tasks.{}.kind: few_shot learns from episodes; add the section meta", name);
  FieldDescription ways = field;  // the file's classes take turns at being one of the ways
  ways.shape.clear();
  ways.class_names.clear();
  ways.num_classes = options.classes;
  return std::make_unique<FewShot>("few_shot",
                                   make_classification(name, options, ways, trunk, statistics));
}

}  // namespace trunkline
