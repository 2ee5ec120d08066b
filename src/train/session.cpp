#include "trunkline/train/session.hpp"

#include <ATen/ops/full.h>

#include <algorithm>

#include "trunkline/core/random.hpp"
#include "trunkline/plan/collective_schedule.hpp"
#include "trunkline/train/collect_statistics.hpp"
#include "trunkline/train/evaluator.hpp"
#include "unseen_labels.hpp"

namespace trunkline {
namespace {

constexpr int kRehearsals = 3;
// A rank without a row would take part in every sum for nothing.
void check_rows(const Config& config, const Plan& plan) {
  for (int rank = 0; rank < plan.world_size; ++rank) {
    int64_t rows = 0;
    const Group* last = nullptr;
    for (const Group& group : plan.groups) {
      if (!group.held_by(rank)) continue;
      rows += group_slots(group, rank, config.sources[group.source].second.batch).size();
      last = &group;
    }
    if (rows > 0 || last == nullptr) continue;
    const auto& [name, source] = config.sources[last->source];
    throw UsageError(
        fmt::format("sources.{}.batch: {} rows are too few for the {} ranks that share them, rank "
                    "{} would have "
                    "none; raise it or start fewer ranks",
                    name, source.batch, last->holders.size(), rank));
  }
}

constexpr double kWorthIt = 0.95;

uint64_t schedule_hash(const Plan& plan, const MultiTaskModel& model) {
  ScheduleSizes sizes{model.storage().world_gradients().numel(),
                      {},
                      record_elements(model.size(), model.storage().parts())};
  for (std::size_t s = 0; s < plan.holder_sets.size(); ++s)
    sizes.set_elements.push_back(model.storage().set_elements(s));
  return hash_of(make_collective_schedule(plan, sizes));
}

}  // namespace

Session::Session(Config given, Ranks& all, const std::shared_ptr<IoThread>& io,
                 const LayoutWishes& wishes, const DataStatistics& known)
    : config(std::move(given)), ranks(all) {
  agree(ranks, [&] {
    sources = open_sources(config, io);
    labels = choose_labels(config, sources);
    apply_batch_shares(config, sources);
    description = describe_model(config, sources);
  });
  description.statistics = collect_statistics(config, sources, labels, known, ranks);
  layout = choose_layout(config, description, wishes, ranks);
  agree(ranks, [&] {
    plan = layout.plan(config, ranks.size());
    check_rows(config, plan);
    model = std::make_unique<MultiTaskModel>(description, plan, ranks.rank(), config.precision(),
                                             Compute{ranks.device, config.bf16()});
  });
}

TrainingSession::TrainingSession(Config config, Ranks& ranks, const std::shared_ptr<IoThread>& io,
                                 const LayoutWishes& wishes, const DataStatistics& known)
    : session_(std::move(config), ranks, io, wishes, known) {
  const Config& c = session_.config;
  agree(ranks, [&] {
    duration_ = run_duration(c, session_.sources);
    schedule_ = std::make_unique<Schedule>(c.train.schedule, duration_.steps_per_epoch,
                                           duration_.total_steps);
    session_.model->storage().initialize(static_cast<uint64_t>(c.run.seed));
  });
  compare_ranks();
  check_unseen_labels(session_);
  MultiTaskModel& model = *session_.model;
  at::Tensor gradients;
  ranks.queue.run([&] {
    gradients = ranks.world.allocate(model.storage().world_gradients().numel(), c.precision());
  });
  model.storage().move_world_gradients(gradients);
  agree(ranks, [&] {
    trainable_ =
        std::make_unique<Trainable>(c.finetune, duration_.steps_per_epoch, session_.plan, model);
    trainable_->check_moves(duration_.total_steps);
    const std::vector<Slice> slices = trainable_->slices();
    optimizer_ = make_optimizer(c.train.optimizer, slices);
    if (c.train.ema > 0.0) average_ = std::make_unique<MovingAverage>(c.train.ema, slices);
  });
  reducer_ = std::make_unique<Reducer>(ranks.world, ranks.queue, session_.plan);
}

// Ranks that see other files or another length would wait for each other forever: find out before
// the first step.
void TrainingSession::compare_ranks() {
  uint64_t data = key({static_cast<uint64_t>(duration_.total_steps)});
  for (const auto& source : session_.sources) data = key({data, source->fingerprint()});
  check_equal(session_.ranks, data, ExitCode::kData,
              "sources: the ranks see different files; check that every node mounts the same data");
  const uint64_t schedule = schedule_hash(session_.plan, *session_.model);
  check_equal(session_.ranks, schedule, ExitCode::kBug,
              "the ranks disagree on the collectives of a step");
}

std::optional<Transfer> TrainingSession::transfer(const Logger& logger) {
  Session& s = session_;
  if (!s.config.init.given()) return std::nullopt;
  Transfer transfer = transfer_parameters(s.config.init, *s.model, s.plan, s.ranks, logger);
  if (average_) average_->reset();
  return transfer;
}

nlohmann::json TrainingSession::action_states() const {
  nlohmann::json states = nlohmann::json::object();
  for (const auto& action : actions_) states[action->name()] = action->state();
  return states;
}

void TrainingSession::restore_actions(const nlohmann::json& states) {
  for (const auto& action : actions_)
    if (states.contains(action->name())) action->restore(states.at(action->name()));
}

std::vector<NamedView> TrainingSession::action_tensors() {
  std::vector<NamedView> all;
  for (const auto& action : actions_)
    for (const NamedView& tensor : action->tensors()) all.push_back(tensor);
  return all;
}

void TrainingSession::start(int64_t first_step, std::optional<bool> overlap,
                            const std::vector<OrderOrigin>& origins) {
  Session& s = session_;
  agree(s.ranks, [&] {
    inputs_ = std::make_unique<StepInputs>(s.config, s.sources, s.labels, s.plan, *s.model,
                                           duration_.tails, s.ranks.rank(),
                                           first_batches(first_step, origins), origins);
  });
  trainable_->begin_step(first_step);
  for (const auto& action : actions_) action->start(first_step);
  trainer_ = std::make_unique<Trainer>(s.config, s.plan, *s.model, *trainable_, *optimizer_,
                                       average_.get(), *schedule_, *inputs_, *reducer_, s.ranks);
  const std::string& wish = s.config.comm.overlap;
  if (wish != "auto")
    set_overlap(wish == "on");
  else
    set_overlap(overlap ? *overlap : s.ranks.size() > 1 && overlap_pays(first_step));
}

StepOutcome TrainingSession::step(int64_t step, const StepWishes& wishes) {
  if (trainable_->begin_step(step)) set_overlap(overlap_);
  for (const auto& action : actions_) action->before(step);
  StepAction* taker = taker_of(step);
  return taker != nullptr ? trainer_->step(step, wishes, *taker) : trainer_->step(step, wishes);
}

// Null for a joint step.
StepAction* TrainingSession::taker_of(int64_t step) const {
  for (const auto& action : actions_)
    if (action->takes(step)) return action.get();
  return nullptr;
}

// Only joint steps have taken batches since the orders began.
std::vector<int64_t> TrainingSession::first_batches(int64_t first_step,
                                                    const std::vector<OrderOrigin>& origins) const {
  std::vector<int64_t> batches;
  for (std::size_t s = 0; s < session_.sources.size(); ++s) {
    const int64_t begin = origins.empty() ? 0 : origins[s].step;
    batches.push_back(begin);
    for (int64_t step = begin; step < first_step; ++step)
      if (taker_of(step) == nullptr) ++batches.back();
  }
  return batches;
}

void TrainingSession::evaluate_actions(std::vector<TaskMetrics>& metrics) {
  for (const auto& action : actions_) add_metrics(metrics, action->evaluate());
}

void TrainingSession::set_overlap(bool on) {
  overlap_ = on && session_.ranks.size() > 1;
  const at::Tensor gradients = trainable_->world_gradients();
  const double bytes = session_.config.comm.bucket_mib * (1 << 20);
  const auto elements = static_cast<int64_t>(bytes / static_cast<double>(gradients.itemsize()));
  reducer_->overlap(gradients, overlap_ ? trainable_->world_entries() : std::vector<BucketEntry>{},
                    std::max<int64_t>(elements, 1));
}

// Both ways in turn; the slowest rank counts. What is equally fast leaves in one piece.
bool TrainingSession::overlap_pays(int64_t first_step) {
  const auto bytes = static_cast<double>(trainable_->world_gradients().nbytes());
  if (bytes < 2 * session_.config.comm.bucket_mib * (1 << 20)) return false;  // nothing to cut
  at::Tensor fastest = at::full({2}, 1e30, at::kDouble);
  double* seconds = fastest.data_ptr<double>();
  trainer_->rehearse(first_step);  // warms up
  for (int i = 0; i < kRehearsals; ++i)
    for (const bool on : {false, true}) {
      set_overlap(on);
      seconds[on] = std::min(seconds[on], trainer_->rehearse(first_step));
    }
  Ranks& ranks = session_.ranks;
  ranks.queue.run([&] { ranks.world.all_reduce(fastest, ReduceOp::kMax); });
  return seconds[1] < kWorthIt * seconds[0];
}

int64_t TrainingSession::rows_per_step() const {
  int64_t rows = 0;
  for (const auto& [name, source] : session_.config.sources) rows += source.batch;
  return rows;
}

}  // namespace trunkline
