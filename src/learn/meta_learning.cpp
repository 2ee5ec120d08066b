#include "trunkline/learn/meta_learning.hpp"

#include <ATen/core/grad_mode.h>

#include "trunkline/core/random.hpp"
#include "trunkline/model/second_derivatives.hpp"

namespace trunkline {
namespace {

EpisodeSetting setting_of(const Session& session) {
  return {session.config, session.sources, session.plan, *session.model, session.ranks};
}

void add_to_gradients(const Tensors& parameters, const Tensors& gradients, double factor) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (gradients[i].defined()) parameters[i].mutable_grad().add_(gradients[i], factor);
}

bool has_rows(const EpisodeSetting& setting, Split split) {
  for (const std::string& name : setting.config.meta.sources)
    if (setting.sources[setting.config.source_index(name)]->rows(split) == 0) return false;
  return true;
}

}  // namespace

MetaLearning::MetaLearning(TrainingSession& training, const Logger& logger)
    : setting_(setting_of(training.session())),
      options_(setting_.config.meta),
      logger_(logger),
      pools_(make_pools(setting_, Split::kTrain)) {
  const Split split = split_named(setting_.config.evaluate.split);
  if (has_rows(setting_, split)) evaluation_.emplace(setting_, split);
}

void MetaLearning::start(int64_t) {
  for (const EpisodePool& pool : pools_) {
    const Task& task = setting_.model.task(pool.task());
    const std::string size = task.kind() == "few_shot" ? fmt::format("{} of {} classes, each with ",
                                                                     options_.ways, pool.classes())
                                                       : "";
    logger_->info("{}: {} learns from {} episodes; task {}: {}{} rows to adapt to, {} to be judged",
                  options_.algorithm,
                  options_.every > 1 ? fmt::format("one step in {}", options_.every) : "every step",
                  options_.tasks, task.name(), size, options_.shots, options_.queries);
  }
  if (!evaluation_)
    logger_->warn("meta: no rows in split {}, so adaptation is not evaluated; see evaluate.split",
                  setting_.config.evaluate.split);
}

bool MetaLearning::takes(int64_t step) const { return (step + 1) % options_.every == 0; }

// Tasks take turns over the episodes of all meta-steps.
const EpisodePool& MetaLearning::pool_of(int64_t step, int64_t episode) const {
  const int64_t number = step / options_.every * options_.tasks + episode;
  return pools_[static_cast<std::size_t>(number) % pools_.size()];
}

EpisodeGradient MetaLearning::learn(const EpisodePool& pool, const Learner& learner, int64_t step,
                                    int64_t episode) const {
  const auto seed = static_cast<uint64_t>(setting_.config.run.seed);
  const uint64_t draw =
      key({seed, name_key("episode"), static_cast<uint64_t>(step), static_cast<uint64_t>(episode)});
  const Context context{true, seed, step, {}};
  const InnerLoop loop{options_.inner_steps, options_.inner_rate, options_.through_inner_loop()};
  if (options_.algorithm == "reptile") {
    const EpisodeRows rows = pool.draw_whole(draw, context);
    return reptile_gradient(learner.start(), learner.losses(rows, options_.inner_batch, draw),
                            loop);
  }
  const Episode drawn = pool.draw(draw, context);
  return query_gradient(learner.moving(), learner.start(), learner.losses(drawn), loop);
}

TakenStep MetaLearning::gradients(int64_t step) {
  std::optional<SecondDerivatives> second;
  if (options_.through_inner_loop()) second.emplace();
  TakenStep taken{std::vector<double>(setting_.model.size(), 0.0),
                  std::vector<double>(setting_.model.size(), 0.0)};
  std::vector<std::size_t> tasks;
  for (int64_t e = 0; e < options_.tasks; ++e) {
    tasks.push_back(pool_of(step, e).task());
    taken.weights[tasks.back()] += 1.0;
  }
  const std::vector<int> owners = deal_episodes(tasks, setting_.plan);
  for (int64_t e = 0; e < options_.tasks; ++e) {
    if (owners[static_cast<std::size_t>(e)] != setting_.ranks.rank()) continue;
    const EpisodePool& pool = pool_of(step, e);
    const Learner learner(setting_.model, pool.task(), pool.source(), options_.head_only());
    const EpisodeGradient learned = learn(pool, learner, step, e);
    taken.loss_sums[pool.task()] += learned.loss;
    const double weight = options_.weight * setting_.config.tasks[pool.task()].second.weight;
    add_to_gradients(learner.moving(), learned.gradient,
                     weight / static_cast<double>(options_.tasks));
  }
  return taken;
}

std::vector<TaskMetrics> MetaLearning::evaluate() {
  return evaluation_ ? evaluation_->evaluate() : std::vector<TaskMetrics>{};
}

}  // namespace trunkline
