// The model of a run on one rank: stems, trunk and heads as functions of the numbers that this rank
// holds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/model/stem.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/trunk.hpp"
#include "trunkline/plan/plan.hpp"
#include "trunkline/train/config.hpp"
#include "trunkline/train/data_statistics.hpp"
#include "trunkline/train/parameter_storage.hpp"

namespace trunkline {

/// What a source feeds to the model.
struct InputDescription {
  std::string source;
  FieldDescription field;
  StemOptions stem;
};

/// What the model is made from: the same on every rank, and stored in checkpoints so that a run can
/// predict without its training data.
struct ModelDescription {
  TrunkOptions trunk;
  std::vector<InputDescription> inputs;  ///< one per source
  OrderedMap<TaskOptions> tasks;
  std::vector<FieldDescription> targets;  ///< one per task
  TaskKinds task_kinds = standard_task_kinds();
  DataStatistics statistics = {};
  LoraOptions lora = {};
};

/// Rows that a source feeds to a forward pass.
struct SourceInput {
  std::size_t source = 0;
  at::Tensor x;  ///< prepared input (n, shape…), on the model's device
  Context context;
};

/// Where the forward pass runs, and in which arithmetic.
struct Compute {
  c10::Device device = c10::kCPU;
  bool bf16 = false;  ///< on float32 parameters; see Autocast
};

/// Trunk, stems, tasks, and the storage of their parameters. One thread.
class MultiTaskModel {
 public:
  /// @throws UsageError where inputs, stems and trunk do not fit
  MultiTaskModel(const ModelDescription& description, const Plan& plan, int rank,
                 c10::ScalarType type, Compute compute = {});

  c10::Device device() const { return compute_.device; }
  Compute compute() const { return compute_; }

  ParameterStorage& storage() { return storage_; }
  const ParameterStorage& storage() const { return storage_; }

  /// One forward pass of stem and trunk, then the heads of these tasks of a source, each
  /// (n, outputs) in the model's type. @param x prepared input, on the model's device
  std::vector<at::Tensor> forward(std::size_t source, const std::vector<std::size_t>& tasks,
                                  const at::Tensor& x, const Context& context) const;

  /// The two halves of forward(): stem and trunk, and one head.
  TrunkOutput shared(std::size_t source, const at::Tensor& x, const Context& context) const;
  /// The first half for several sources: each its stem, and the trunk once over all rows, which
  /// keeps matrix products large. No layer mixes rows, so the outputs are those of single passes.
  std::vector<TrunkOutput> shared(const std::vector<SourceInput>& inputs) const;
  at::Tensor head(std::size_t t, const TrunkOutput& trunk, const Context& context) const;
  /// Values of a head that this rank holds, in the order of Task::parameters().
  Parameters head_parameters(std::size_t t) const { return storage_.part(t); }

  /// The stem of a source, null where it has none, and the values of its parameters.
  const Stem* stem(std::size_t source) const { return stems_[source].get(); }
  Parameters stem_parameters(std::size_t source) const {
    return storage_.part(stem_parts_[source]);
  }

  /// What prepares a source's inputs; empty where they are not normalised.
  ColumnStatistics input_statistics(const std::string& source) const {
    return statistics_.input(source);
  }

  std::size_t size() const { return tasks_.size(); }  ///< number of tasks
  const Trunk& trunk() const { return *trunk_; }
  const Task& task(std::size_t t) const { return *tasks_[t]; }
  Task& task(std::size_t t) { return *tasks_[t]; }

 private:
  at::Tensor adapt(std::size_t source, const at::Tensor& x, const Context& context) const;

  c10::ScalarType type_;
  DataStatistics statistics_;
  Compute compute_;
  std::vector<std::unique_ptr<Stem>> stems_;  ///< per source; null where there is none
  std::unique_ptr<Trunk> trunk_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<std::size_t> stem_parts_;  ///< per source, where there is a stem
  ParameterStorage storage_;
};

/// Sources that have a stem, ascending.
std::vector<std::size_t> stem_sources(const Config& config);

}  // namespace trunkline
