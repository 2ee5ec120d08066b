// What of a model moves, and how fast: layers of the trunk that are frozen and set free, rates of
// parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trunkline/exchange/buckets.hpp"
#include "trunkline/model/trunk_layers.hpp"
#include "trunkline/optim/optimizer.hpp"
#include "trunkline/train/finetune_options.hpp"
#include "trunkline/train/multi_task_model.hpp"

namespace trunkline {

/// What the optimizer keeps of a slice, on whichever rank it is held.
struct SliceLayout {
  std::string name;
  std::vector<SliceEntry> entries;          ///< places count from the trunk's or part's begin
  bool pulled = false;                      ///< to its first values
  int64_t first_layer = 0, last_layer = 0;  ///< [first, last) of the trunk; empty for a part
  bool of_trunk() const { return last_layer > first_layer; }
};

/// Every slice that moves at some time of the run: the trunk in one piece, or, where it is set free
/// by and by, in one per layer, because each counts its own steps; then the parts.
/// @throws UsageError where nothing is left to train, or more layers are to be frozen than there
/// are
std::vector<SliceLayout> slice_layout(const FinetuneOptions& options, const MultiTaskModel& model);

/// Freezes and sets free. A frozen parameter has no gradient, no share in norms and sums over
/// ranks, and no update. Frozen layers are the first of the trunk, so that what moves lies in one
/// piece. One thread.
class Trainable {
 public:
  /// Freezes what is frozen at step 0. @throws UsageError as slice_layout
  Trainable(const FinetuneOptions& options, int64_t steps_per_epoch, const Plan& plan,
            MultiTaskModel& model);

  /// @throws UsageError where nothing is set free within this many steps
  void check_moves(int64_t total_steps) const;

  /// For the optimizer: those of slice_layout() that this rank holds.
  std::vector<Slice> slices() const;

  /// Which of them a step moves. @param trunk whether any task was present
  /// @param parts whether any task of a part was
  std::vector<bool> active(bool trunk, const std::vector<bool>& parts) const;

  /// Sets free what is due before this step. @return whether that changed anything
  bool begin_step(int64_t step);

  /// The gradients that are summed over the world: without those of frozen layers. 1-D, may be
  /// empty.
  at::Tensor world_gradients() const;
  std::vector<BucketEntry> world_entries() const;  ///< what lies where in them
  /// The trunk's gradients without those of frozen layers.
  at::Tensor trunk_gradients() const;

  /// How many parameters of the trunk are trained now, without the room between them.
  int64_t trunk_parameters() const;

  const std::vector<TrunkLayer>& layers() const { return layers_; }
  int64_t frozen_layers() const { return frozen_; }  ///< now
  int64_t frozen_elements() const;                   ///< of the trunk, now

 private:
  void add(const SliceLayout& layout, const std::vector<Slice>& held);
  void freeze_parts(const Plan& plan);
  void freeze(int64_t layers);
  int64_t frozen_at(int64_t step) const;
  int64_t begin_of(int64_t layer) const;

  FinetuneOptions options_;
  int64_t steps_per_epoch_;
  MultiTaskModel& model_;
  std::vector<TrunkLayer> layers_;
  std::vector<Slice> slices_;          ///< of the trunk, then of parts
  std::vector<int64_t> first_layers_;  ///< of each slice of the trunk
  std::vector<std::size_t> parts_;     ///< of each of the other slices
  int64_t frozen_ = 0;
};

/// "the first 2 of 5 layers of the trunk are frozen, …"; empty for plain training.
std::string describe_finetuning(const FinetuneOptions& options, const Trainable& trainable);

}  // namespace trunkline
