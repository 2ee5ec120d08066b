// The model of a run on one rank: the trunk, the heads that this rank holds, and where their
// numbers lie.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/exchange/buckets.hpp"
#include "trunkline/exchange/flat_storage.hpp"
#include "trunkline/model/direct_gradients.hpp"
#include "trunkline/model/stem.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/trunk.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/plan/plan.hpp"
#include "trunkline/train/config.hpp"
#include "trunkline/train/data_statistics.hpp"

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

/// Trunk, stems, tasks and flat storage. Parts of a holder set lie in one storage, and those that
/// all ranks hold beside the trunk, so that one reduction sums them. Parts are numbered as in the
/// plan: heads by task, then stems.
class MultiTaskModel {
 public:
  /// @throws UsageError where inputs, stems and trunk do not fit
  MultiTaskModel(const ModelDescription& description, const Plan& plan, int rank,
                 c10::ScalarType type, Compute compute = {});

  c10::Device device() const { return compute_.device; }
  Compute compute() const { return compute_; }

  /// Fills all parameters from (seed, name).
  void initialize(uint64_t seed);

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
  Parameters head_parameters(std::size_t t) const { return parameters(parts_[t]); }

  /// The stem of a source, null where it has none, and the values of its parameters.
  const Stem* stem(std::size_t source) const { return stems_[source].get(); }
  Parameters stem_parameters(std::size_t source) const {
    return parameters(parts_[stem_parts_[source]]);
  }

  /// What prepares a source's inputs; empty where they are not normalised.
  ColumnStatistics input_statistics(const std::string& source) const {
    return statistics_.input(source);
  }

  std::size_t size() const { return tasks_.size(); }  ///< number of tasks
  const Trunk& trunk() const { return *trunk_; }
  const Task& task(std::size_t t) const { return *tasks_[t]; }
  Task& task(std::size_t t) { return *tasks_[t]; }

  /// Gradients of the trunk and of all parts that every rank holds, in one piece: the same places
  /// on all ranks. 1-D.
  const at::Tensor& world_gradients() const { return world_gradients_; }
  /// What lies where in them, ascending.
  std::vector<BucketEntry> world_entries() const;
  /// The same in other memory, e.g. such as is quick to sum over ranks. Contents are not kept.
  void move_world_gradients(const at::Tensor& memory);

  FlatStorage& trunk_storage() { return trunk_storage_; }
  const FlatStorage& trunk_storage() const { return trunk_storage_; }
  const std::vector<FlatEntry>& trunk_entries() const { return trunk_entries_; }
  /// Parts of a holder set; empty storage where this rank is no holder.
  FlatStorage& storage(std::size_t holder_set) { return storages_[holder_set]; }
  int64_t elements(std::size_t holder_set) const { return set_elements_[holder_set]; }

  std::size_t parts() const { return parts_.size(); }
  /// "heads.TASK" or "stems.SOURCE": what the names of its tensors begin with.
  const std::string& part_name(std::size_t p) const { return parts_[p].name; }
  /// Entries of a part on any rank, with full names; positions count from the part's own begin.
  const std::vector<FlatEntry>& part_entries(std::size_t p) const { return parts_[p].entries; }
  /// Flat gradient of a held part.
  at::Tensor part_gradient(std::size_t p);
  const std::vector<std::size_t>& held_parts() const { return held_; }  ///< ascending

  /// Slices for the optimizer: the trunk, then the held parts.
  std::vector<Slice> slices();

  /// Clears the gradients of everything but the weights that `direct` will replace.
  void zero_gradients(const DirectGradients& direct);
  /// Clears all gradients.
  void zero_gradients();

 private:
  struct Part {
    std::string name;
    const std::vector<ParameterSpec>* specs = nullptr;
    std::vector<FlatEntry> entries;
    std::size_t set = 0, first = 0;  ///< holder set, and first tensor in its storage
    int64_t begin = 0, end = 0;      ///< place in its storage
  };
  void add_part(std::string name, const std::vector<ParameterSpec>& specs);
  void place_parts(const Plan& plan);
  void allocate(const Plan& plan, int rank);
  Parameters parameters(const Part& part) const;
  at::Tensor adapt(std::size_t source, const at::Tensor& x, const Context& context) const;

  c10::ScalarType type_;
  DataStatistics statistics_;
  Compute compute_;
  std::vector<std::unique_ptr<Stem>> stems_;  ///< per source; null where there is none
  std::unique_ptr<Trunk> trunk_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<FlatEntry> trunk_entries_;
  FlatStorage trunk_storage_;
  std::vector<FlatStorage> storages_;
  at::Tensor world_values_, world_gradients_;  ///< trunk, then each world-wide set
  std::vector<int64_t> world_begins_;          ///< per set; -1 where it lies for itself
  std::vector<std::vector<FlatEntry>> set_entries_;
  std::vector<int64_t> set_elements_;
  std::vector<Part> parts_;
  std::vector<std::size_t> stem_parts_;  ///< per source, where there is a stem
  std::vector<std::size_t> held_;
};

/// Sources that have a stem, ascending.
std::vector<std::size_t> stem_sources(const Config& config);

}  // namespace trunkline
