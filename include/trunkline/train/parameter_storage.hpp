// Where the numbers of a run's model lie on one rank.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/exchange/buckets.hpp"
#include "trunkline/exchange/flat_storage.hpp"
#include "trunkline/model/direct_gradients.hpp"
#include "trunkline/model/parameter.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/plan/plan.hpp"

namespace trunkline {

/// A head or a stem, and what it is made of. The specs must outlive the storage.
struct PartSpecs {
  std::string name;  ///< "heads.TASK" or "stems.SOURCE": what the names of its tensors begin with
  const std::vector<ParameterSpec>* specs = nullptr;
};

/// Values and gradients of the trunk and of the parts that this rank holds, flat. Parts of a holder
/// set lie in one storage, and those that all ranks hold beside the trunk, so that one reduction
/// sums them. Parts are numbered as in the plan: heads by task, then stems. One thread.
class ParameterStorage {
 public:
  /// All zero. @param trunk outlives this   @param options type and device
  ParameterStorage(const std::vector<ParameterSpec>& trunk, const std::vector<PartSpecs>& parts,
                   const Plan& plan, int rank, c10::TensorOptions options);

  /// Fills all parameters from (seed, name).
  void initialize(uint64_t seed);

  FlatStorage& trunk() { return trunk_; }
  const FlatStorage& trunk() const { return trunk_; }
  const std::vector<FlatEntry>& trunk_entries() const { return trunk_entries_; }

  /// Parts of a holder set; empty where this rank is no holder.
  FlatStorage& set(std::size_t holder_set) { return sets_[holder_set]; }
  int64_t set_elements(std::size_t holder_set) const { return set_elements_[holder_set]; }

  std::size_t parts() const { return parts_.size(); }
  const std::string& part_name(std::size_t p) const { return parts_[p].name; }
  /// Entries of a part on any rank, with full names; positions count from the part's own begin.
  const std::vector<FlatEntry>& part_entries(std::size_t p) const { return parts_[p].entries; }
  /// Values of a held part, in the order of its specs.
  Parameters part(std::size_t p) const;
  /// Flat gradient of a held part.
  at::Tensor part_gradient(std::size_t p) const;
  const std::vector<std::size_t>& held_parts() const { return held_; }  ///< ascending

  /// Gradients of the trunk and of all parts that every rank holds, in one piece: the same places
  /// on all ranks. 1-D.
  const at::Tensor& world_gradients() const { return world_gradients_; }
  /// What lies where in them, ascending.
  std::vector<BucketEntry> world_entries() const;
  /// The same in other memory, e.g. such as is quick to sum over ranks. Contents are not kept.
  void move_world_gradients(const at::Tensor& memory);

  /// Slices for the optimizer: the trunk, then the held parts.
  std::vector<Slice> slices() const;

  /// Clears the gradients of everything but the weights that `direct` will replace.
  void zero_gradients(const DirectGradients& direct);
  /// Clears all gradients.
  void zero_gradients();

 private:
  struct Part : PartSpecs {
    std::vector<FlatEntry> entries = {};
    std::size_t set = 0, first = 0;  ///< holder set, and first tensor in its storage
    int64_t begin = 0, end = 0;      ///< place in its storage
  };
  void place_parts(const Plan& plan, int64_t element_size);
  void allocate(const Plan& plan, int rank, c10::TensorOptions options);

  const std::vector<ParameterSpec>* trunk_specs_;
  std::vector<FlatEntry> trunk_entries_;
  std::vector<Part> parts_;
  std::vector<std::vector<FlatEntry>> set_entries_;
  std::vector<int64_t> set_elements_;
  at::Tensor world_values_, world_gradients_;  ///< trunk, then each world-wide set
  std::vector<int64_t> world_begins_;          ///< per set; -1 where it lies for itself
  FlatStorage trunk_;
  std::vector<FlatStorage> sets_;
  std::vector<std::size_t> held_;
};

}  // namespace trunkline
