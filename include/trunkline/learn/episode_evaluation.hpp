// How well a model adapts: metrics over episodes of a split.
#pragma once

#include <vector>

#include "trunkline/learn/learner.hpp"
#include "trunkline/train/evaluator.hpp"

namespace trunkline {

/// Adapts to meta.evaluate.episodes episodes per task and judges by their queries. few_shot tasks:
/// loss, accuracy, accuracy_ci95; other kinds: adapted_loss, adapted_loss_ci95 (half of the 95 %
/// confidence interval of the mean, 1.96 standard errors). The same episodes each time, on any
/// number of ranks: they depend on run.seed and the split alone.
class EpisodeEvaluation {
 public:
  /// Reads the split. @throws DataError where there are too few classes or rows
  EpisodeEvaluation(const EpisodeSetting& setting, Split split);

  /// Collective: every rank returns the same values. Parameters are not changed.
  std::vector<TaskMetrics> evaluate() const;

 private:
  struct Score {
    double loss = 0.0, accuracy = 0.0;
  };
  Score score(const EpisodePool& pool, const Learner& learner, int64_t episode) const;
  std::vector<Score> scores(const EpisodePool& pool) const;

  EpisodeSetting setting_;
  Split split_;
  std::vector<EpisodePool> pools_;
};

}  // namespace trunkline
