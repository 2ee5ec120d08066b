#include "trunkline/learn/episode_evaluation.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>
#include <functional>

#include "trunkline/core/random.hpp"
#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

constexpr double kNormal95 = 1.96;  // standard errors on either side of the mean

double mean_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double half_interval(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto n = static_cast<double>(values.size());
  return kNormal95 * std::sqrt(squares / (n - 1.0) / n);
}

}  // namespace

EpisodeEvaluation::EpisodeEvaluation(const EpisodeSetting& setting, Split split)
    : setting_(setting), split_(split), pools_(make_pools(setting, split)) {}

EpisodeEvaluation::Score EpisodeEvaluation::score(const EpisodePool& pool, const Learner& learner,
                                                  int64_t episode) const {
  const MetaOptions& meta = setting_.config.meta;
  const uint64_t draw =
      key({static_cast<uint64_t>(setting_.config.run.seed), name_key("evaluation"),
           static_cast<uint64_t>(split_), pool.task(), static_cast<uint64_t>(episode)});
  const Episode drawn = pool.draw(draw, {});
  const InnerLoop loop{meta.evaluate.steps.value_or(meta.inner_steps), meta.inner_rate, false};
  const Tensors adapted = descend(learner.start(), learner.losses(drawn).support, loop);
  const at::NoGradGuard no_grad;
  const at::Tensor output = learner.output(adapted, drawn.query);
  const Target& target = drawn.query.target;
  Score score{learner.mean_loss(output, target).item<double>(), 0.0};
  if (setting_.model.task(pool.task()).kind() == "few_shot")
    score.accuracy = output.argmax(1).eq(target.values).to(c10::kDouble).mean().item<double>();
  return score;
}

// Of all episodes, in their order.
std::vector<EpisodeEvaluation::Score> EpisodeEvaluation::scores(const EpisodePool& pool) const {
  const MetaOptions& meta = setting_.config.meta;
  const std::vector<int> owners = deal_episodes(
      std::vector<std::size_t>(static_cast<std::size_t>(meta.evaluate.episodes), pool.task()),
      setting_.plan);
  std::vector<double> mine;
  if (setting_.plan.holds(setting_.ranks.rank(), pool.task())) {
    const Learner learner(setting_.model, pool.task(), pool.source(), meta.head_only());
    for (std::size_t e = 0; e < owners.size(); ++e) {
      if (owners[e] != setting_.ranks.rank()) continue;
      const Score own = score(pool, learner, static_cast<int64_t>(e));
      mine.insert(mine.end(), {own.loss, own.accuracy});
    }
  }
  const std::vector<std::vector<double>> all = gather_numbers(setting_.ranks, mine);
  std::vector<std::size_t> taken(all.size(), 0);
  std::vector<Score> scores;
  for (const int owner : owners) {
    const auto r = static_cast<std::size_t>(owner);
    scores.push_back({all[r][taken[r]], all[r][taken[r] + 1]});
    taken[r] += 2;
  }
  return scores;
}

std::vector<TaskMetrics> EpisodeEvaluation::evaluate() const {
  std::vector<TaskMetrics> metrics;
  for (const EpisodePool& pool : pools_) {
    std::vector<double> losses, accuracies;
    for (const Score& one : scores(pool)) {
      losses.push_back(one.loss);
      accuracies.push_back(one.accuracy);
    }
    const Task& task = setting_.model.task(pool.task());
    TaskMetrics& own = metrics.emplace_back();
    own.task = task.name();
    own.rows = setting_.sources[pool.source()]->rows(split_);
    if (task.kind() == "few_shot")
      own.values = {{"loss", mean_of(losses)},
                    {"accuracy", mean_of(accuracies)},
                    {"accuracy_ci95", half_interval(accuracies)}};
    else
      own.values = {{"adapted_loss", mean_of(losses)},
                    {"adapted_loss_ci95", half_interval(losses)}};
  }
  return metrics;
}

}  // namespace trunkline
