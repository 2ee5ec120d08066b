#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <functional>
#include <numeric>

#include "trunkline/core/error.hpp"
#include "trunkline/model/head.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/model/losses.hpp"
#include "trunkline/model/task_kinds.hpp"
#include "trunkline/model/weighted_mean.hpp"

namespace trunkline {
namespace {

// From outputs of the head to the scale of the target, and how far they are from it.
struct ReconstructionLoss {
  bool binary = false;  // outputs are logits of numbers between 0 and 1

  at::Tensor sum(const at::Tensor& output, const Target& target) const {
    if (binary) return binary_cross_entropy_sum(output, target);
    return weighted_sum(squared_error(output, target.values.to(output.scalar_type())), target);
  }
  at::Tensor restored(const at::Tensor& output) const { return binary ? output.sigmoid() : output; }
};

class ReconstructionMetric final : public Metric {
 public:
  explicit ReconstructionMetric(ReconstructionLoss loss) : loss_of_(loss) {}

  void add(const at::Tensor& output, const Target& target) override {
    const c10::NoGradGuard no_grad;
    const at::Tensor wide = output.to(c10::kDouble), values = target.values.to(c10::kDouble);
    const at::Tensor restored = loss_of_.restored(wide);
    const double weight = count_elements(target).weight;
    loss_.add(loss_of_.sum(wide, target).item<double>(), weight);
    squared_.add(weighted_sum(squared_error(restored, values), target).item<double>(), weight);
    absolute_.add(weighted_sum(absolute_error(restored, values), target).item<double>(), weight);
  }

  std::vector<double> state() const override {
    std::vector<double> state;
    for (const WeightedMean* mean : {&loss_, &squared_, &absolute_}) mean->save(state);
    return state;
  }

  void merge(std::span<const double> state) override {
    for (WeightedMean* mean : {&loss_, &squared_, &absolute_}) mean->merge(state);
  }

  std::vector<MetricValue> values() const override {
    return {{"loss", loss_.value()}, {"mse", squared_.value()}, {"mae", absolute_.value()}};
  }

 private:
  ReconstructionLoss loss_of_;
  WeightedMean loss_, squared_, absolute_;
};

class Reconstruction final : public Task {
 public:
  Reconstruction(const std::string& name, const TaskOptions& options, const FieldDescription& field,
                 const TrunkShape& trunk, const ColumnStatistics& statistics)
      : name_(name),
        field_(field),
        statistics_(statistics),
        shape_(input_shape(field)),
        loss_{options.loss.kind == "bce"},
        head_(name, options.head, trunk, field.row_elements()) {}

  const std::string& name() const override { return name_; }
  const std::string& kind() const override { return kind_; }
  const std::vector<ParameterSpec>& parameters() const override { return head_.parameters(); }

  Target target(const Batch& batch, c10::ScalarType precision) const override {
    const int64_t elements = field_.row_elements();
    const auto found = batch.fields.find(field_.name);
    ensure(found != batch.fields.end() || batch.rows() == 0, "a batch with rows lacks its input");
    const at::Tensor values =
        found == batch.fields.end()
            ? at::zeros({0, elements}, precision)
            : prepare_input(found->second, field_, precision, statistics_).flatten(1);
    check_values(batch, values);
    return {values, at::ones(values.sizes(), c10::kBool), at::ones({values.size(0)}, c10::kDouble)};
  }

  at::Tensor forward(Parameters parameters, const TrunkOutput& trunk,
                     const Context& context) const override {
    return head_.forward(parameters, trunk, context);
  }

  Count count(const Target& target) const override { return count_elements(target); }

  at::Tensor loss_sum(const at::Tensor& output, const Target& target) const override {
    return loss_.sum(output, target);
  }

  std::unique_ptr<Metric> metric() const override {
    return std::make_unique<ReconstructionMetric>(loss_);
  }

  Prediction predict(const at::Tensor& output) const override {
    std::vector<int64_t> shape = shape_;
    shape.insert(shape.begin(), -1);  // rows, of which an exported model takes any number
    const at::Tensor restored = loss_.restored(output).reshape(shape);
    if (statistics_.empty()) return {restored};
    return {restore_units(restored.to(c10::kDouble), statistics_, 1).to(output.scalar_type())};
  }

 private:
  void check_values(const Batch& batch, const at::Tensor& values) const {
    at::Tensor good = at::isfinite(values);
    if (loss_.binary) good = good.logical_and(values.ge(0)).logical_and(values.le(1));
    if (good.all().item<bool>()) return;
    const at::Tensor first = good.logical_not().nonzero()[0];
    throw DataError(fmt::format(
        "source {}: {}: {} at row {}; tasks.{} reconstructs {}; mend the file{}", batch.source,
        field_.name, values[first[0].item<int64_t>()][first[1].item<int64_t>()].item<double>(),
        batch.samples[first[0].item<int64_t>()].item<int64_t>(), name_,
        loss_.binary ? "numbers from 0 to 1 with loss: bce" : "finite numbers",
        loss_.binary ? ", e.g. by its attribute scale, or set loss: mse" : ""));
  }

  std::string name_, kind_ = "reconstruction";
  FieldDescription field_;
  ColumnStatistics statistics_;
  std::vector<int64_t> shape_;  // of one prepared row
  ReconstructionLoss loss_;
  Head head_;
};

}  // namespace

std::unique_ptr<Task> make_reconstruction(const std::string& name, const TaskOptions& options,
                                          const FieldDescription& field, const TrunkShape& trunk,
                                          const ColumnStatistics& statistics) {
  check<UsageError>(options.loss.kind != "bce" || statistics.empty(),
                    "tasks.{}.loss: bce needs inputs from 0 to 1, but sources.{}.normalize moves "
                    "them to mean 0; set loss: mse, or leave normalize out",
                    name, options.source);
  return std::make_unique<Reconstruction>(name, options, field, trunk, statistics);
}

}  // namespace trunkline
