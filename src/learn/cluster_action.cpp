#include "cluster_action.hpp"

#include <ATen/core/IListRef.h>
#include <ATen/core/IListRef_inl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "training_rows.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/core/tensor.hpp"
#include "trunkline/learn/kmeans.hpp"
#include "trunkline/model/cluster_sizes.hpp"
#include "trunkline/model/soft_assignment.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

constexpr double kMostTargets = 1.0;  // GiB

Clustering& clustering_of(const Session& session, std::size_t task) {
  return dynamic_cast<Clustering&>(session.model->task(task));
}

int64_t rows_of(const Session& session, std::size_t task) {
  return session.sources[task_sources(session.config)[task]]->rows(Split::kTrain);
}

// What is clustered, of this rank's rows.
KmeansRows embedded_rows(const Session& session, std::size_t task, Parameters parameters) {
  const Clustering& clustering = clustering_of(session, task);
  std::vector<at::Tensor> features = {
      at::empty({0, clustering.dimensions()}, session.config.precision())};
  std::vector<at::Tensor> samples = {at::empty({0}, at::kLong)};
  for_training_rows(session, task, [&](const TrunkOutput& output, const at::Tensor& numbers) {
    features.push_back(clustering.embed(parameters, output, {}).cpu());
    samples.push_back(numbers);
  });
  return {at::cat(features), at::cat(samples)};
}

}  // namespace

ClusterAction::ClusterAction(TrainingSession& training, std::size_t task, Logger logger)
    : training_(training),
      task_(task),
      clustering_(clustering_of(training.session(), task)),
      name_("clusters." + clustering_.name()),
      logger_(std::move(logger)) {
  const int64_t rows = rows_of(session(), task), steps = training.duration().total_steps;
  check<UsageError>(clustering_.clusters() <= rows,
                    "tasks.{}.clusters: {}, but source {} has {} training rows; ask for fewer",
                    clustering_.name(), clustering_.clusters(), options().source, rows);
  check<UsageError>(options().start_step < steps,
                    "tasks.{}.start_step: {}, but the run ends after {} steps; start sooner or "
                    "train longer",
                    clustering_.name(), options().start_step, steps);
  if (options().clustering.refresh == "targets") allocate_targets();
}

// A place for every sample, not only for those of the training split: batches number rows so.
void ClusterAction::allocate_targets() {
  const Session& s = session();
  const RowGroups& rows = s.sources[task_sources(s.config)[task_]]->row_groups(Split::kTrain);
  samples_ = rows.sample(rows.rows() - 1) + 1;
  const auto numbers = static_cast<double>(samples_) * static_cast<double>(clustering_.clusters());
  const double gib = numbers * (s.config.precision() == at::kDouble ? 8.0 : 4.0) / (1 << 30);
  check<UsageError>(gib <= kMostTargets,
                    "tasks.{0}.refresh: targets of {1} rows and {2} clusters take {3:.1f} GiB on "
                    "every rank that holds the task, more than {4:g}; set tasks.{0}.refresh=masses",
                    clustering_.name(), samples_, clustering_.clusters(), gib, kMostTargets);
  Ranks& ranks = session().ranks;
  ranks.queue.run([&] { holders_ = ranks.world.split(held() ? 0 : -1, ranks.rank()); });
  if (!held()) return;
  targets_ = at::zeros({samples_, clustering_.clusters()}, s.config.precision());
  clustering_.keep_targets(targets_);
}

std::vector<NamedView> ClusterAction::tensors() {
  if (samples_ == 0) return {};
  const std::string name = "heads." + clustering_.name() + ".targets";
  if (held()) return {named_view(name, targets_)};
  const DType type = session().config.precision() == at::kDouble ? DType::kF64 : DType::kF32;
  return {{name, type, {samples_, clustering_.clusters()}, {}}};
}

void ClusterAction::start(int64_t) {
  const bool mine = held() && clustering_.mass(parameters()).gt(0).any().item<bool>();
  started_ = any(session().ranks, mine);
  // A head that init.from brings along has centres and masses, but no targets.
  counted_ = samples_ == 0 ? started_ : any(session().ranks, held() && targets_.any().item<bool>());
}

void ClusterAction::before(int64_t step) {
  const int64_t since = step - options().start_step;
  if (since < 0) return;
  if (!started_) begin(step);
  if (!counted_ || since % options().clustering.refresh_every == 0) refresh(step);
  started_ = counted_ = true;
}

void ClusterAction::restore(const nlohmann::json& state) {
  check<CheckpointError>(state.contains("refreshes") && state["refreshes"].is_number_integer(),
                         "state.json: actions.{}: no whole number \"refreshes\"", name_);
  refreshes_ = state["refreshes"];
}

// The centres are those of the parameters, not of their averages, which begin anew with them.
void ClusterAction::begin(int64_t step) {
  Ranks& ranks = session().ranks;
  const KmeansRows rows = embedded_rows(session(), task_, held() ? parameters() : Parameters{});
  KmeansOptions wanted;
  wanted.clusters = clustering_.clusters();
  wanted.restarts = options().clustering.restarts;
  wanted.seed = key({static_cast<uint64_t>(session().config.run.seed), name_key(name_)});
  const Kmeans found = kmeans(rows, wanted, ranks);
  if (!found.centres.defined())
    throw AgreedError(
        ExitCode::kNumeric,
        fmt::format("step {}: task {}: a feature of the training rows is not finite; mend the "
                    "inputs, or lower train.optimizer.lr",
                    step, clustering_.name()),
        ranks.rank() == 0);
  logger_->info(
      "step {}: task {}: {} clusters from k-means over {} rows, inertia {:.6g} (restart "
      "{} of {}, {} rounds)",
      step, clustering_.name(), wanted.clusters, rows_of(session(), task_), found.inertia,
      found.restart + 1, wanted.restarts, found.rounds);
  const at::NoGradGuard no_grad;
  if (held()) clustering_.centres(parameters()).copy_(found.centres);
}

void ClusterAction::refresh(int64_t step) {
  const at::NoGradGuard no_grad;
  const int64_t k = clustering_.clusters();
  at::Tensor sums = at::zeros({2 * k}, at::kDouble);  // soft, then hard assignments
  std::vector<at::Tensor> log_qs, samples;
  for_training_rows(session(), task_, [&](const TrunkOutput& output, const at::Tensor& numbers) {
    const at::Tensor log_q =
        session().model->head(task_, output, {}).narrow(1, 0, k).contiguous().cpu();
    const at::Tensor q = log_q.to(at::kDouble).exp();
    if (targets_.defined()) {
      log_qs.push_back(log_q);
      samples.push_back(numbers);
    }
    sums.narrow(0, 0, k).add_(q.sum(0));
    sums.narrow(0, k, k).add_(q.argmax(1).bincount({}, k));
  });
  Ranks& ranks = session().ranks;
  ranks.queue.run([&] { ranks.world.all_reduce(sums); });
  if (held()) clustering_.mass(parameters()).copy_(sums.narrow(0, 0, k));
  if (targets_.defined()) refresh_targets(log_qs, samples, sums.narrow(0, 0, k));
  if (!started_ && training_.average() != nullptr) training_.average()->reset();
  ++refreshes_;
  warn_of_collapse(to_vector<double>(sums.narrow(0, k, k)), step);
}

// Each holder counts its share of the rows, and needs all of them: the order of rows changes with
// every epoch.
void ClusterAction::refresh_targets(const std::vector<at::Tensor>& log_q,
                                    const std::vector<at::Tensor>& samples,
                                    const at::Tensor& mass) {
  targets_.zero_();
  for (std::size_t i = 0; i < log_q.size(); ++i)
    targets_.index_copy_(0, samples[i],
                         target_distribution(log_q[i], mass.to(log_q[i].scalar_type())));
  session().ranks.queue.run([&] { holders_->all_reduce(targets_); });
}

void ClusterAction::warn_of_collapse(const std::vector<double>& sizes, int64_t step) {
  const std::vector<std::size_t> collapsed = collapsed_clusters(sizes);
  if (collapsed == collapsed_) return;
  collapsed_ = collapsed;
  const double all = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  if (!collapsed.empty())
    logger_->warn(
        "step {}: task {}: {} of {} clusters have collapsed ({}), the smallest has "
        "{:.2g} % of the rows; lower the task's weight, ask for fewer clusters, or train "
        "them with a task that keeps features apart, such as a reconstruction",
        step, clustering_.name(), collapsed.size(), sizes.size(), fmt::join(collapsed, ", "),
        100.0 * *std::min_element(sizes.begin(), sizes.end()) / all);
}

void add_cluster_actions(StepActions& actions, TrainingSession& training, const Logger& logger) {
  for (std::size_t t = 0; t < training.session().config.tasks.size(); ++t)
    if (dynamic_cast<const Clustering*>(&training.session().model->task(t)) != nullptr)
      actions.push_back(std::make_unique<ClusterAction>(training, t, logger));
}

}  // namespace trunkline
