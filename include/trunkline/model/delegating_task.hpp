// A task that is another one but for what is overridden.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "trunkline/model/task.hpp"

namespace trunkline {

/// Leaves everything to another task: the base of tasks that have, say, a head of their own and the
/// labels, losses and metrics of a standard kind. As safe from several threads as what it holds.
class DelegatingTask : public Task {
 public:
  /// @param kind the name that `tasks.T.kind` takes   @param task what everything is left to
  DelegatingTask(std::string kind, std::unique_ptr<Task> task)
      : kind_(std::move(kind)), task_(std::move(task)) {}

  const std::string& name() const override { return task_->name(); }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return task_->parameters(); }
  Target target(const Batch& batch, c10::ScalarType precision) const override {
    return task_->target(batch, precision);
  }
  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return task_->forward(parameters, trunk, context);
  }
  Count count(const Target& target) const override { return task_->count(target); }
  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return task_->loss_sum(output, target);
  }
  std::unique_ptr<Metric> metric() const override { return task_->metric(); }
  Prediction predict(const at::Tensor& output) const override { return task_->predict(output); }

 private:
  std::string kind_;
  std::unique_ptr<Task> task_;
};

}  // namespace trunkline
