// Meta-steps: every n-th step learns from episodes how to adapt.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trunkline/learn/episode_evaluation.hpp"
#include "trunkline/train/session.hpp"

namespace trunkline {

/// The `meta:` of a config. A meta-step draws M episodes, keyed by (seed, step, episode), from the
/// tasks as they take turns, deals them to the ranks, and gives the trunk, stems and heads the
/// gradient of weight / M times the sum over episodes of a_t times the loss after adaptation
/// (Reptile: of its differences). The inner loop leaves optimizer state alone.
class MetaLearning final : public StepAction {
 public:
  /// Reads the rows of episodes. @throws DataError where there are too few
  MetaLearning(TrainingSession& training, const Logger& logger);

  const std::string& name() const override { return name_; }
  void start(int64_t first_step) override;
  void before(int64_t) override {}
  bool takes(int64_t step) const override;
  TakenStep gradients(int64_t step) override;
  std::vector<TaskMetrics> evaluate() override;
  nlohmann::json state() const override { return nlohmann::json::object(); }
  void restore(const nlohmann::json&) override {}

 private:
  const EpisodePool& pool_of(int64_t step, int64_t episode) const;
  EpisodeGradient learn(const EpisodePool& pool, const Learner& learner, int64_t step,
                        int64_t episode) const;

  std::string name_ = "meta";
  EpisodeSetting setting_;
  const MetaOptions& options_;
  Logger logger_;
  std::vector<EpisodePool> pools_;
  std::optional<EpisodeEvaluation> evaluation_;  ///< none where there are no rows to evaluate
};

}  // namespace trunkline
