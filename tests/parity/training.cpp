#include "parity/training.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <mutex>

#include "parity/tasks_file.hpp"
#include "support/thread_world.hpp"
#include "trunkline/train/checkpoints.hpp"
#include "trunkline/train/device_ranks.hpp"
#include "trunkline/train/evaluator.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline::test {
namespace {

constexpr const char* kConfig = R"(
run: {name: parity, seed: 5}
sources:
  a: {file: tasks.h5#/a, batch: 24}
  b: {file: tasks.h5#/b, batch: 10}
trunk: {kind: mlp, widths: [16, 12], norm: layer, activation: tanh, dropout: 0.2}
tasks:
  class: {source: a, target: class, kind: classification}
  value: {source: a, target: value, kind: regression, weight: 2.0, head: {widths: [7]}}
  flags: {source: a, target: flags, kind: multilabel, weight: 0.5}
  other: {source: b, target: class, kind: classification, head: {widths: [5], dropout: 0.3}}
train:
  steps: 50
  precision: float64
  clip_norm: 1.0
  ema: 0.9
  optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}
)";

constexpr const char* kResnetConfig = R"(
run: {name: resnet, seed: 5}
sources:
  images: {file: tasks.h5#/images, batch: 12}
trunk: {kind: resnet18, base_width: 4, groups: 2, dropout: 0.2}
tasks:
  class: {source: images, target: class, kind: classification}
  value: {source: images, target: value, kind: regression}
train:
  steps: 5
  precision: float64
  optimizer: {kind: sgd, lr: 0.02, momentum: 0.9}
)";

std::string write_config(const std::string& folder, const char* config) {
  write_tasks_file(folder + "/tasks.h5");
  std::ofstream(folder + "/parity.yaml") << config;
  return folder + "/parity.yaml";
}

void add(Weights& all, const FlatStorage& storage, const std::string& prefix) {
  for (std::size_t i = 0; i < storage.entries().size(); ++i) {
    const at::Tensor tensor = storage.parameters()[i].detach().to(at::kDouble).contiguous();
    const double* first = tensor.const_data_ptr<double>();
    std::vector<double> values(first, first + tensor.numel());
    const auto [known, fresh] = all.emplace(prefix + storage.entries()[i].name, values);
    if (fresh) continue;
    EXPECT_EQ(known->second, values) << known->first;
  }
}

void add(Weights& all, Session& session, const std::string& prefix) {
  MultiTaskModel& model = *session.model;
  add(all, model.storage().trunk(), prefix);
  for (std::size_t s = 0; s < session.plan.holder_sets.size(); ++s)
    if (model.storage().set(s).values().defined()) add(all, model.storage().set(s), prefix);
}

void add(Weights& all, TrainingSession& training) {
  add(all, training.session(), "");
  if (training.average() == nullptr) return;
  const AveragedParameters averaged(training.average());
  add(all, training.session(), "average of ");
}

Metrics training_metrics(const Session& s, Ranks& ranks) {
  const Evaluator evaluator(s.config, s.sources, s.plan, *s.model, ranks);
  Metrics metrics;
  for (const TaskMetrics& task : evaluator.evaluate(Split::kTrain))
    for (const MetricValue& value : task.values)
      metrics[task.task + "." + value.name] = value.value.value_or(-1.0);
  return metrics;
}

double norm(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

}  // namespace

std::string write_parity_config(const std::string& folder) { return write_config(folder, kConfig); }

std::string write_resnet_config(const std::string& folder) {
  return write_config(folder, kResnetConfig);
}

// Ranks that share a GPU sum through host memory.
std::string test_device() {
  const char* device = std::getenv("TRUNKLINE_TEST_DEVICE");
  return device == nullptr ? "cpu" : device;
}

void train_on_ranks(const std::string& config, const Cut& cut, int64_t steps,
                    const StepActionsMaker& actions, const AtEnd& at_end) {
  const auto io = std::make_shared<IoThread>();
  run_ranks(cut.ranks, [&](Communicator& world) {
    CommQueue queue;
    Ranks host{world, queue};
    DeviceRanks placed(test_device(), host);
    Ranks& ranks = placed.ranks();
    std::vector<std::string> overrides = cut.overrides;
    overrides.push_back("run.device=" + test_device());
    TrainingSession training(read_config(config, overrides), ranks, io);
    const Logger logger = make_logger({1, false, ""});  // a quiet one
    if (actions) training.use(actions(training, logger));
    training.transfer(logger);
    training.start(0);
    for (int64_t step = 0; step < steps; ++step) training.step(step);
    at_end(training, ranks);
  });
}

Weights train_steps(const std::string& config, const Cut& cut, int64_t steps,
                    const StepActionsMaker& actions) {
  Weights weights;
  std::mutex mutex;
  train_on_ranks(config, cut, steps, actions, [&](TrainingSession& training, Ranks&) {
    const std::lock_guard lock(mutex);
    add(weights, training);
  });
  return weights;
}

Outcome outcome_of(const std::string& config, const Cut& cut, int64_t steps,
                   const StepActionsMaker& actions) {
  Outcome outcome;
  std::mutex mutex;
  train_on_ranks(config, cut, steps, actions, [&](TrainingSession& training, Ranks& ranks) {
    const Metrics metrics = training_metrics(training.session(), ranks);
    const std::lock_guard lock(mutex);
    add(outcome.weights, training);
    outcome.metrics = metrics;
  });
  return outcome;
}

std::string save_parent(const std::string& config, const std::string& folder,
                        const std::vector<std::string>& overrides, int64_t steps) {
  const Cut alone{"alone", 1, overrides};
  train_on_ranks(config, alone, steps, {}, [&](TrainingSession& training, Ranks& ranks) {
    Session& session = training.session();
    Checkpoints(folder, session.config, session.plan, *session.model, ranks)
        .save(steps, nlohmann::json::object(), training.optimizer(), training.average());
  });
  return list_checkpoints(folder).back().path.string();
}

double largest_difference(const Weights& a, const Weights& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0.0;
  for (const auto& [name, values] : b) {
    std::vector<double> difference = a.at(name);
    for (std::size_t i = 0; i < values.size(); ++i) difference[i] -= values[i];
    largest = std::max(largest, norm(difference) / norm(values));
  }
  return largest;
}

}  // namespace trunkline::test
