// Metrics of every task over a split: exact over all rows, the same on any number of ranks.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "trunkline/core/metric_value.hpp"
#include "trunkline/model/gate_means.hpp"
#include "trunkline/train/agreement.hpp"
#include "trunkline/train/multi_task_model.hpp"
#include "trunkline/train/sources.hpp"

namespace trunkline {

struct GroupInput;

/// Metrics of one task; empty where its source has no such split.
struct TaskMetrics {
  std::string task;
  int64_t rows = 0;
  std::vector<MetricValue> values;
  std::vector<MetricValue> gates = {};  ///< mean share of each expert; see GateMeans

  std::optional<double> value(const std::string& metric) const;
};

/// Adds values of the same tasks; a value that is there already is replaced.
void add_metrics(std::vector<TaskMetrics>& metrics, const std::vector<TaskMetrics>& more);

/// Splits the rows of each source over the holders of its tasks, as training does.
class Evaluator {
 public:
  Evaluator(const Config& config, const Sources& sources, const Plan& plan,
            const MultiTaskModel& model, Ranks& ranks);

  /// Collective: every rank returns the same values. @throws DataError
  std::vector<TaskMetrics> evaluate(Split split) const;

 private:
  /// What this rank has seen of one task.
  struct Sums {
    std::unique_ptr<Metric> metric;
    GateMeans gates;
  };
  std::vector<Sums> accumulate(Split split) const;
  void evaluate_source(std::size_t source, Split split, std::vector<Sums>& sums) const;
  void add_group(const Group& group, const GroupInput& rows, std::vector<Sums>& sums) const;

  const Config& config_;
  const Sources& sources_;
  const Plan& plan_;
  const MultiTaskModel& model_;
  Ranks& ranks_;
};

/// Mean of a metric over the tasks that have it defined; nullopt where none has. @param task "mean"
/// or a task's name
std::optional<double> select_metric(const std::vector<TaskMetrics>& metrics,
                                    const std::string& task, const std::string& metric);

/// {"TASK": {"rows": n, "accuracy": 0.9, …}}; undefined values are null; with experts also
/// "gate.layer0.shared0" and its like.
nlohmann::json metrics_to_json(const std::vector<TaskMetrics>& metrics);

Split split_named(const std::string& name);  ///< train | valid | test

}  // namespace trunkline
