// A task's model as a function of its parameters, for inner loops.
#pragma once

#include <memory>

#include "trunkline/learn/episodes.hpp"
#include "trunkline/learn/inner_loop.hpp"
#include "trunkline/train/multi_task_model.hpp"

namespace trunkline {

/// Trunk, stem and head of one task. Frozen parameters keep their values and take no part. What
/// losses() gives refers to this. One thread.
class Learner {
 public:
  /// @param head_only whether the inner loop adapts the head alone (ANIL)
  Learner(const MultiTaskModel& model, std::size_t task, std::size_t source, bool head_only);

  /// Leaves of the model: what training moves, and of these what the inner loop adapts.
  Tensors moving() const { return pick(moving_); }
  Tensors start() const { return pick(adapting_); }

  /// The losses of an episode at parameters in the place of start().
  EpisodeLosses losses(const Episode& episode) const;
  /// Of rows that are both support and query. @param batch rows of an inner step, as the key draws
  /// them; 0: all
  EpisodeLosses losses(const EpisodeRows& rows, int64_t batch, uint64_t key) const;

  /// (n, outputs) of the task's head.
  at::Tensor output(const Tensors& adapted, const EpisodeRows& rows) const;
  at::Tensor mean_loss(const at::Tensor& output, const Target& target) const;

 private:
  Tensors pick(const std::vector<std::size_t>& places) const;
  Tensors with(const Tensors& adapted) const;
  TrunkOutput shared(const Tensors& all, const EpisodeRows& rows) const;
  at::Tensor head(const Tensors& all, const TrunkOutput& trunk, const Context& context) const;
  std::function<at::Tensor(const Tensors&)> loss_of(const EpisodeRows& rows) const;

  const MultiTaskModel& model_;
  std::size_t task_;
  const Stem* stem_;
  bool head_only_;
  Tensors all_;  ///< trunk, stem, head
  std::size_t stem_begin_ = 0, head_begin_ = 0;
  std::vector<std::size_t> moving_, adapting_;  ///< places in them
};

}  // namespace trunkline
