#include "trunkline/learn/evaluate.hpp"

#include <optional>

#include "trunkline/learn/episode_evaluation.hpp"
#include "trunkline/train/label_choice.hpp"

namespace trunkline {
namespace {

// A split that no source has is a mistake of the caller, not a table without rows.
void check_split(const Sources& sources, Split split) {
  for (const auto& source : sources)
    if (source->rows(split) > 0) return;
  throw DataError(
      "no source of the run has rows in this split; `trunkline data inspect FILE` lists the "
      "splits");
}

}  // namespace

RunMetrics evaluate_run(const std::filesystem::path& run, Split split, Ranks& ranks,
                        const std::shared_ptr<IoThread>& io, const Logger& logger,
                        const TaskKinds& task_kinds) {
  const TrainedRun trained = open_run(run, ranks, logger, task_kinds);
  const Plan plan = whole_plan(trained.config, ranks);
  Sources sources;
  agree(ranks, [&] {
    sources = open_sources(trained.config, io);
    check_split(sources, split);
    if (split == Split::kTrain) choose_labels(trained.config, sources);  // the rows trained on
  });
  const std::unique_ptr<MultiTaskModel> model = load_model(trained, plan, ranks);
  const Evaluator evaluator(trained.config, sources, plan, *model, ranks);
  RunMetrics metrics{trained.state.step, evaluator.evaluate(split)};
  if (trained.config.meta.given()) {
    std::optional<EpisodeEvaluation> episodes;
    agree(ranks, [&] {
      episodes.emplace(EpisodeSetting{trained.config, sources, plan, *model, ranks}, split);
    });
    add_metrics(metrics.tasks, episodes->evaluate());
  }
  return metrics;
}

}  // namespace trunkline
