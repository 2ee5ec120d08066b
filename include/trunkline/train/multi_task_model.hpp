// The model of a run on one rank: the trunk, the heads that this rank holds, and where their
// numbers lie.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/description.hpp"
#include "trunkline/exchange/flat_storage.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/trunk.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/plan/plan.hpp"
#include "trunkline/train/config.hpp"

namespace trunkline {

/// What the model is made from: the same on every rank, and stored in checkpoints so that a run can
/// predict without its training data.
struct ModelDescription {
  TrunkOptions trunk;
  FieldDescription input;
  OrderedMap<TaskOptions> tasks;
  std::vector<FieldDescription> targets;  ///< one per task
};

/// Trunk, tasks and flat storage. Heads of a holder set lie in one storage, so that one reduction
/// sums them.
class MultiTaskModel {
 public:
  MultiTaskModel(const ModelDescription& description, const Plan& plan, int rank,
                 c10::ScalarType type);

  /// Fills all parameters from (seed, name).
  void initialize(uint64_t seed);

  /// One forward pass of the trunk, then the heads of these tasks, each (n, outputs). @param x
  /// prepared input
  std::vector<at::Tensor> forward(const std::vector<std::size_t>& tasks, const at::Tensor& x,
                                  const Context& context) const;

  std::size_t size() const { return tasks_.size(); }
  const Trunk& trunk() const { return *trunk_; }
  const Task& task(std::size_t t) const { return *tasks_[t]; }

  FlatStorage& trunk_storage() { return trunk_storage_; }
  /// Heads of a holder set; empty storage where this rank is no holder.
  FlatStorage& head_storage(std::size_t holder_set) { return head_storages_[holder_set]; }

  /// Entries of a task's head on any rank, with full names; positions count from the head's own
  /// begin.
  const std::vector<FlatEntry>& head_entries(std::size_t t) const { return head_entries_[t]; }
  const std::vector<FlatEntry>& trunk_entries() const { return trunk_storage_.entries(); }
  int64_t head_elements(std::size_t holder_set) const { return set_elements_[holder_set]; }

  /// Slices for the optimizer: the trunk, then the held heads by task.
  std::vector<Slice> slices();
  /// Task of each slice after the first.
  const std::vector<std::size_t>& held_tasks() const { return held_; }
  /// Flat gradient of a held head.
  at::Tensor head_gradient(std::size_t t);

  void zero_gradients();

 private:
  struct Place {  // where a held head lies
    std::size_t set = 0, first = 0, count = 0;
    int64_t begin = 0, end = 0;
  };
  void place_heads(const Plan& plan, int rank, c10::ScalarType type);
  Parameters head(std::size_t t) const;

  std::unique_ptr<Trunk> trunk_;
  std::vector<std::unique_ptr<Task>> tasks_;
  FlatStorage trunk_storage_;
  std::vector<FlatStorage> head_storages_;
  std::vector<std::vector<FlatEntry>> head_entries_;
  std::vector<int64_t> set_elements_;
  std::vector<Place> places_;
  std::vector<std::size_t> held_;
};

}  // namespace trunkline
