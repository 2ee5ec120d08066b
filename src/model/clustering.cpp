#include "trunkline/model/clustering.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include <limits>

#include "trunkline/core/error.hpp"
#include "trunkline/model/cluster_sizes.hpp"
#include "trunkline/model/contingency_table.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/metric_state.hpp"
#include "trunkline/model/soft_assignment.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/to_vector.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

// Exact in float64, and no label that a file would hold.
constexpr int64_t kNoLabel = std::numeric_limits<int64_t>::min();

// The two halves of what the head gives.
at::Tensor log_q_of(const at::Tensor& output) { return output.narrow(1, 0, output.size(1) / 2); }
at::Tensor p_of(const at::Tensor& output) {
  return output.narrow(1, output.size(1) / 2, output.size(1) / 2);
}

at::Tensor divergence_sum(const at::Tensor& output, const Target& target) {
  return weighted_sum(divergence(p_of(output), log_q_of(output)), target);
}

class ClusteringMetric final : public Metric {
 public:
  ClusteringMetric(int64_t clusters, bool labelled)
      : sizes_(static_cast<std::size_t>(clusters), 0.0), table_(clusters), labelled_(labelled) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor wide = output.to(c10::kDouble);
    if (!p_of(wide).gt(0).any().item<bool>()) return;  // not started yet, or no rows
    loss_.add(divergence_sum(wide, target).item<double>(), count_elements(target).weight);
    const auto clusters = to_vector<int64_t>(log_q_of(wide).argmax(1));
    const auto labels = to_vector<int64_t>(target.values);
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      sizes_[static_cast<std::size_t>(clusters[i])] += 1.0;
      if (labels[i] != kNoLabel) table_.add(labels[i], clusters[i]);
    }
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    loss_.save(state);
    state.insert(state.end(), sizes_.begin(), sizes_.end());
    table_.save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    loss_.merge(state);
    const auto other = take(state, sizes_.size());
    for (std::size_t j = 0; j < sizes_.size(); ++j) sizes_[j] += other[j];
    table_.merge(state);
  }

  std::vector<MetricValue> values() const override {
    const std::optional<double> share = smallest_share(sizes_);
    const auto entropy = share ? std::optional(entropy_of_sizes(sizes_)) : std::nullopt;
    std::vector<MetricValue> values = {
        {"loss", loss_.value()}, {"min_cluster_share", share}, {"cluster_entropy", entropy}};
    if (!labelled_) return values;
    values.push_back({"nmi", table_.nmi()});
    values.push_back({"ari", table_.ari()});
    values.push_back({"cluster_accuracy", table_.accuracy()});
    return values;
  }

 private:
  WeightedMean loss_;
  std::vector<double> sizes_;  // rows per cluster
  ContingencyTable table_;     // of the rows that have a label
  bool labelled_;
};

}  // namespace

Clustering::Clustering(const std::string& name, const TaskOptions& options,
                       const FieldDescription& field, const TrunkShape& trunk)
    : name_(name) {
  const ClusteringOptions& o = options.clustering;
  if (o.projection > 0) projection_.emplace(name, options.head, trunk, o.projection);
  if (projection_) specs_ = projection_->parameters();
  if (!field.name.empty()) labels_.emplace(name, options, field);
  const int64_t width = projection_ ? o.projection : trunk.width;
  specs_.push_back({"centres", {o.clusters, width}, {Init::Kind::kConstant, 0.0}});
  specs_.push_back({"mass", {o.clusters}, {Init::Kind::kConstant, 0.0}});
}

Target Clustering::target(const Batch& batch, c10::ScalarType) const {
  const int64_t rows = batch.rows();
  Target target{at::full({rows}, kNoLabel, c10::kLong), at::ones({rows}, c10::kBool),
                at::ones({rows}, c10::kDouble)};
  if (!labels_) return target;
  const Labels labels = labels_->read(batch);
  const at::Tensor& v = labels.values;
  labels_->check(batch, labels, at::isfinite(v).logical_and(v.eq(v.floor())),
                 "expected a whole number");
  const at::Tensor none = at::full(v.sizes(), static_cast<double>(kNoLabel), v.options());
  target.values = at::where(labels.present, v, none).to(c10::kLong).squeeze(1);
  return target;
}

at::Tensor Clustering::embed(Parameters parameters, const TrunkOutput& trunk,
                             const Context& context) const {
  const at::Tensor z =
      projection_ ? projection_->forward(parameters, trunk, context) : trunk.features;
  return z.to(centres(parameters).scalar_type());  // bf16 would not tell near centres apart
}

at::Tensor Clustering::forward(Parameters parameters, const TrunkOutput& trunk,
                               const Context& context) const {
  const at::Tensor log_q =
      log_soft_assignment(embed(parameters, trunk, context), centres(parameters));
  return at::cat({log_q, targets(parameters, log_q, context)}, 1);
}

at::Tensor Clustering::targets(Parameters parameters, const at::Tensor& log_q,
                               const Context& context) const {
  if (!context.training || !kept_targets_.defined())
    return target_distribution(log_q, mass(parameters));
  return kept_targets_.index_select(0, context.rows.front().samples.cpu()).to(log_q.options());
}

Task::Count Clustering::count(const Target& target) const { return count_elements(target); }

at::Tensor Clustering::loss_sum(const at::Tensor& output, const Target& target) const {
  return divergence_sum(output, target);
}

std::unique_ptr<Metric> Clustering::metric() const {
  return std::make_unique<ClusteringMetric>(clusters(), labels_.has_value());
}

Prediction Clustering::predict(const at::Tensor& output) const {
  const at::Tensor q = log_q_of(output).exp();
  Prediction prediction{q.argmax(1), q};
  prediction.confidence = q.amax(1);
  return prediction;
}

std::unique_ptr<Task> make_clustering(const std::string& name, const TaskOptions& options,
                                      const FieldDescription& field, const TrunkShape& trunk,
                                      const ColumnStatistics&) {
  const ClusteringOptions& o = options.clustering;
  check<UsageError>(o.clusters >= 2, "tasks.{}.clusters: {}; expected 2 or more", name, o.clusters);
  const HeadOptions& head = options.head;
  check<UsageError>(o.projection > 0 || (head.widths.empty() && head.dropout == 0.0 &&
                                         !head.experts && head.adapter == 0),
                    "tasks.{0}.head: layers in front of a projection; set tasks.{0}.projection, or "
                    "leave them out to cluster the trunk's features",
                    name);
  check<UsageError>(field.row_elements() == 1,
                    "tasks.{}.target: {} has {} values per row; a clustering is compared with one "
                    "whole number per row, or with nothing",
                    name, field.name, field.row_elements());
  return std::make_unique<Clustering>(name, options, field, trunk);
}

}  // namespace trunkline
