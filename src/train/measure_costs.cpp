// Costs of a step: each piece of the model alone, and the sums over ranks.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "trunkline/core/tensor.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/train/layout_choice.hpp"
#include "trunkline/train/sources.hpp"
#include "trunkline/train/trainable.hpp"

namespace trunkline {
namespace {

constexpr int kRepeats = 3;
constexpr int64_t kMostRows = 256;

// The fastest of some calls after one that warms up.
double seconds_of(const std::function<void()>& call) {
  call();
  double fastest = 1e30;
  for (int i = 0; i < kRepeats; ++i) {
    const auto start = std::chrono::steady_clock::now();
    call();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fastest = std::min(fastest, took.count());
  }
  return fastest;
}

// As many rows as a rank computes when all share the batch.
int64_t rows_of(const Config& config, std::size_t source, int world_size) {
  const int64_t batch = config.sources[source].second.batch;
  return std::clamp<int64_t>(batch / world_size, 1, kMostRows);
}

// The keyed masks of dropout are part of the cost.
Context context_of(int64_t rows) {
  Context context;
  context.training = true;
  context.rows = {{0, at::zeros({rows}, at::kLong)}};
  return context;
}

class ModelCosts {
 public:
  ModelCosts(const Config& config, const ModelDescription& description, const Ranks& ranks)
      : config_(config),
        description_(description),
        world_size_(ranks.size()),
        plan_(make_plan(Holders(config.tasks.size(), {0}), task_sources(config), 1,
                        stem_sources(config))),
        model_(description, plan_, 0, config.precision(), Compute{ranks.device, config.bf16()}),
        trainable_(config.finetune, 1, plan_, model_) {
    model_.storage().initialize(0);
  }

  // Everything but the sums over ranks, as it is in the first step: what is frozen has no backward.
  StepCosts measure() const {
    StepCosts costs;
    for (std::size_t s = 0; s < description_.inputs.size(); ++s)
      costs.trunk_seconds.push_back(trunk_seconds(s));
    const std::vector<std::size_t> sources = task_sources(config_);
    for (std::size_t t = 0; t < model_.size(); ++t)
      costs.head_seconds.push_back(head_seconds(t, sources[t]));
    for (std::size_t p = 0; p < model_.storage().parts(); ++p)
      costs.part_bytes.push_back(bytes_of(model_.storage().part_entries(p)));
    costs.trunk_bytes = static_cast<int64_t>(trainable_.trunk_gradients().nbytes());
    return costs;
  }

 private:
  int64_t bytes_of(const std::vector<FlatEntry>& entries) const {
    const int64_t elements = entries.empty() ? 0 : entries.back().end();
    return elements * static_cast<int64_t>(c10::elementSize(config_.precision()));
  }

  at::Tensor input(std::size_t source, int64_t rows) const {
    const InputDescription& described = description_.inputs[source];
    std::vector<int64_t> shape = input_shape(described.field);
    shape.insert(shape.begin(), rows);
    const at::Tensor x = at::rand(shape, config_.precision()).add(1);  // no token is padding
    const std::vector<int64_t> codes = table_codes(described.stem, described.field);
    for (std::size_t c = 0; c < codes.size(); ++c)
      if (codes[c] > 0) x.select(1, static_cast<int64_t>(c)).zero_();  // a code of every column
    return x.to(model_.device());
  }

  void backward(const at::Tensor& output) const {
    if (!output.requires_grad()) return;  // nothing of it is trained
    torch::autograd::backward({output.sum()}, {});
    model_.storage().world_gradients().narrow(0, 0, 1).cpu();  // waits for a GPU
  }

  double trunk_seconds(std::size_t source) const {
    const int64_t rows = rows_of(config_, source, world_size_);
    const at::Tensor x = input(source, rows);
    const Context context = context_of(rows);
    return seconds_of([&] { backward(model_.shared(source, x, context).features); }) /
           static_cast<double>(rows);
  }

  double head_seconds(std::size_t t, std::size_t source) const {
    const int64_t rows = rows_of(config_, source, world_size_);
    const Context context = context_of(rows);
    const bool trunk_moves = trainable_.trunk_gradients().numel() > 0;
    TrunkOutput trunk;
    {
      const at::NoGradGuard no_grad;
      trunk = model_.shared(source, input(source, rows), context);
    }
    for (at::Tensor* read : {&trunk.features, &trunk.experts})
      if (read->defined()) read->set_requires_grad(trunk_moves);
    return seconds_of([&] { backward(model_.head(t, trunk, context)); }) /
           static_cast<double>(rows);
  }

  const Config& config_;
  const ModelDescription& description_;
  int world_size_;
  Plan plan_;
  MultiTaskModel model_;
  Trainable trainable_;
};

// A sum over the world of the trunk's gradient and one of nothing to speak of.
void measure_links(StepCosts& costs, Ranks& ranks) {
  if (ranks.size() == 1) return;
  ranks.queue.run([&] {
    at::Tensor small = ranks.world.allocate(1, at::kFloat);
    at::Tensor large =
        ranks.world.allocate(std::max<int64_t>(costs.trunk_bytes / 4, 2), at::kFloat);
    costs.latency_seconds = seconds_of([&] { ranks.world.all_reduce(small); });
    const double seconds = seconds_of([&] { ranks.world.all_reduce(large); });
    costs.seconds_per_byte =
        std::max(0.0, seconds - costs.latency_seconds) / static_cast<double>(large.nbytes());
  });
}

// What the slowest rank measured.
void take_slowest(StepCosts& costs, Ranks& ranks) {
  std::vector<double*> places;
  for (double& seconds : costs.trunk_seconds) places.push_back(&seconds);
  for (double& seconds : costs.head_seconds) places.push_back(&seconds);
  places.push_back(&costs.latency_seconds);
  places.push_back(&costs.seconds_per_byte);
  at::Tensor all = at::empty({static_cast<int64_t>(places.size())}, at::kDouble);
  double* values = all.data_ptr<double>();
  for (std::size_t i = 0; i < places.size(); ++i) values[i] = *places[i];
  ranks.queue.run([&] { ranks.world.all_reduce(all, ReduceOp::kMax); });
  for (std::size_t i = 0; i < places.size(); ++i) *places[i] = values[i];
}

}  // namespace

StepCosts measure_costs(const Config& config, const ModelDescription& model, Ranks& ranks) {
  StepCosts costs;
  agree(ranks, [&] { costs = ModelCosts(config, model, ranks).measure(); });
  measure_links(costs, ranks);
  take_slowest(costs, ranks);
  return costs;
}

}  // namespace trunkline
