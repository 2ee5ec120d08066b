// Deep embedded clustering (Xie, Girshick & Farhadi 2016, "Unsupervised Deep Embedding for
// Clustering Analysis"): centres among features, and a loss that draws features to them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trunkline/model/head.hpp"
#include "trunkline/model/labels.hpp"
#include "trunkline/model/task.hpp"

namespace trunkline {

/// Parameters of the head, behind those of the projection, if there is one: centres (k, d), and
/// mass (k), the sums f_j of soft assignments over the training rows, which has no gradient. Both
/// are 0 until somebody sets them (learn's ClusterAction); until then the loss is 0 and metrics are
/// undefined. Outputs: log q and p side by side, (n, 2 k). Loss: KL(p | q), a row counts 1.
class Clustering final : public Task {
 public:
  /// @param field the labels to compare with; without a name there are none
  Clustering(const std::string& name, const TaskOptions& options, const FieldDescription& field,
             const TrunkShape& trunk);

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  /// Every row is valid; values are labels, kNoLabel where there is none.
  Target target(const Batch& batch, c10::ScalarType precision) const override;
  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override;
  Count count(const Target& target) const override;
  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override;
  std::unique_ptr<Metric> metric() const override;
  Prediction predict(const at::Tensor& output) const override;

  int64_t clusters() const { return specs_.back().shape[0]; }
  int64_t dimensions() const { return specs_[specs_.size() - 2].shape[1]; }
  const at::Tensor& centres(Parameters parameters) const { return parameters[specs_.size() - 2]; }
  const at::Tensor& mass(Parameters parameters) const { return parameters[specs_.size() - 1]; }

  /// What training steps pull rows to from now on: p of all rows, (N, k) on the CPU, row n that of
  /// sample n. Undefined, as at first: p follows from the masses and q of the step, as it always
  /// does outside training. Not thread-safe.
  void keep_targets(at::Tensor p) { kept_targets_ = std::move(p); }

  /// What is clustered: the trunk's features, or their projection. (n, dimensions())
  at::Tensor embed(Parameters parameters, const TrunkOutput& trunk, const Context& context) const;

 private:
  at::Tensor targets(Parameters parameters, const at::Tensor& log_q, const Context& context) const;

  std::string name_, kind_ = "clustering";
  std::optional<Head> projection_;
  std::optional<LabelReader> labels_;
  std::vector<ParameterSpec> specs_;
  at::Tensor kept_targets_;
};

}  // namespace trunkline
