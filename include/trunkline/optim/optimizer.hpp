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

/// `train.optimizer:` of the config. Defaults are torch's.
struct OptimizerOptions {
  std::string kind = "adamw";  ///< sgd | adam | adamw
  double lr = 1e-3;
  double momentum = 0.0, dampening = 0.0;         ///< sgd
  bool nesterov = false;                          ///< sgd
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;  ///< adam, adamw
  Optional<double> weight_decay;                  ///< default 0 for sgd and adam, 0.01 for adamw
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
/// entries is zero in parameters and gradients and stays zero.
struct Slice {
  std::string name;       ///< "trunk", "heads.TASK"
  at::Tensor parameters;  ///< 1-D, float32 or float64
  at::Tensor gradient;    ///< the same shape
  double rate = 1.0;      ///< factor on the learning rate
  std::vector<SliceEntry> entries;
};

/// Moves slices. Each slice counts its own steps, because a head without labels stands still.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One step of every slice whose `active` is set; the others, their counters and moments do not
  /// move.
  /// @param lr learning rate of this step   @param gradient_factor multiplied into gradients first
  /// (clipping)
  virtual void step(double lr, double gradient_factor, const std::vector<bool>& active) = 0;

  /// Views of all state, named ENTRY.exp_avg, ENTRY.exp_avg_sq, ENTRY.momentum_buffer, and
  /// SLICE.step (i64 scalar). The views stay valid for the optimizer's life; restoring writes
  /// through them.
  virtual State state() = 0;
};

/// The names, types and shapes that state() has for a slice, also for slices that this rank does
/// not hold.
std::vector<NamedView> optimizer_state_layout(const OptimizerOptions& options,
                                              const std::string& slice_name,
                                              const std::vector<SliceEntry>& entries, DType dtype);

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options,
                                          std::vector<Slice> slices);

}  // namespace trunkline
