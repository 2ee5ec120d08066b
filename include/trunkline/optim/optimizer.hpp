// Optimizers on flat slices: one fused call for all parameters that share a rate.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/core/state.hpp"

namespace trunkline {

/// `train.optimizer:` of the config. Kinds, meanings and defaults are those of torch.optim:
///
///   sgd    b = momentum b + (1 - dampening) g, at the first step b = g; nesterov moves along
///          g + momentum b (Sutskever et al. 2013)
///   adam   Kingma and Ba 2015, with bias correction; weight decay is added to the gradient (L2)
///   adamw  the same with decoupled weight decay (Loshchilov and Hutter 2019): p *= 1 - lr decay
///
/// eps must be greater than 0, or padding and entries without gradient would become 0 / 0.
struct OptimizerOptions {
  std::string kind = "adamw";  ///< sgd | adam | adamw
  double lr = 1e-3;
  double momentum = 0.0, dampening = 0.0;         ///< sgd
  bool nesterov = false;                          ///< sgd
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;  ///< adam, adamw
  Optional<double> weight_decay = {};             ///< default 0 for sgd and adam, 0.01 for adamw
};
void describe(Keys& keys, OptimizerOptions& options);

/// A named tensor inside a slice; where `decay` is false weight decay leaves it alone.
struct SliceEntry {
  std::string name;  ///< full name, "trunk.conv1.weight"
  int64_t begin = 0, end = 0;
  std::vector<int64_t> shape;
  bool decay = true;
};

/// A contiguous part of flat storage that moves together: the trunk, or one head. Padding between
/// entries is zero in parameters and gradients and stays zero. The optimizer keeps views of both
/// tensors, so their storage must not be replaced.
struct Slice {
  std::string name;                      ///< "trunk", "heads.TASK"
  at::Tensor parameters;                 ///< 1-D, contiguous, float32 or float64
  at::Tensor gradient;                   ///< the same shape, type and device
  double rate = 1.0;                     ///< factor on the learning rate
  std::vector<SliceEntry> entries = {};  ///< ascending, not overlapping
  /// L2-SP (Li et al. 2018, equation 2): strength of the pull to the values that the slice has
  /// before its first step, applied as the optimizer's kind applies weight decay: sgd and adam add
  /// pull (p - start) to the gradient, adamw moves p by -lr pull (p - start).
  double pull = 0.0;
};

/// Moves slices. Each slice counts its own steps, because a head without labels stands still.
/// Not thread-safe: one thread calls step() and state() in turn.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One step of every slice whose `active` is set; the others, their counters and moments do not
  /// move.
  /// @param lr learning rate of this step; a slice uses lr times its rate
  /// @param gradient_factor multiplied into the gradients of active slices, in place, before weight
  /// decay (clipping); costs nothing where it is 1
  /// @param active one flag per slice
  virtual void step(double lr, double gradient_factor, const std::vector<bool>& active) = 0;

  /// Steps that a slice has made.
  virtual int64_t steps(std::size_t slice) const = 0;

  /// Views of all state: per slice SLICE.step (i64 scalar), then per entry, in the entry's shape,
  /// ENTRY.exp_avg and ENTRY.exp_avg_sq (adam, adamw) or ENTRY.momentum_buffer (sgd with momentum),
  /// and ENTRY.start where the slice is pulled there.
  /// All are there, as zeros, before the first step. Restoring writes through the views, then calls
  /// restored(). The views stay valid for the optimizer's life; where slices are on a device they
  /// are of copies, valid to the next call of state() or restored(). `values` stays empty.
  virtual State state() = 0;

  /// Takes over what was written into the views of the last state().
  virtual void restored() = 0;
};

/// The names, types and shapes that state() has for a slice, in its order and with empty bytes;
/// also for slices that this rank does not hold.
/// @param dtype of the slice's parameters   @param pulled whether its pull is not 0   @throws
/// UsageError for an unknown kind
std::vector<NamedView> optimizer_state_layout(const OptimizerOptions& options,
                                              const std::string& slice_name,
                                              const std::vector<SliceEntry>& entries, DType dtype,
                                              bool pulled = false);

/// @throws UsageError for an unknown kind, BugError for a slice that breaks the rules of Slice
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options,
                                          std::vector<Slice> slices);

}  // namespace trunkline
