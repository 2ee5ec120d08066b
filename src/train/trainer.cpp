#include "trunkline/train/trainer.hpp"

#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cmath>

#include "trunkline/core/hash.hpp"
#include "trunkline/core/tensor.hpp"
#include "trunkline/exchange/gradient_norm.hpp"
#include "trunkline/exchange/record_exchange.hpp"
#include "trunkline/train/step_action.hpp"

namespace trunkline {
namespace {

constexpr int64_t kHashEvery = 10;  // steps between comparisons of the trunk's replicas

// This rank's slice of the trunk: slice p of P belongs to rank p.
SlotRange own_slice(int64_t elements, const Ranks& ranks) {
  return cut({0, elements}, ranks.rank(), ranks.size());
}

uint64_t hash_of_values(const at::Tensor& tensor) {
  const at::Tensor host = tensor.cpu();  // the tensor itself where it is on the CPU
  return hash_bytes(named_view({}, host).bytes);
}

}  // namespace

// Collective c0 under way: it hides behind the first forward pass and is needed before the first
// backward.
class Trainer::PendingCounts {
 public:
  PendingCounts(const std::vector<Task::Count>& local, Ranks& ranks)
      : sums_(at::empty({2 * static_cast<int64_t>(local.size())}, at::kDouble)) {
    double* out = sums_.data_ptr<double>();
    for (const Task::Count& count : local) {
      *out++ = count.valid;
      *out++ = count.weight;
    }
    // The call shares the tensor, so that it may outlive this object when the step ends in an
    // exception.
    work_ = ranks.queue.submit([sums = sums_, &ranks]() mutable { ranks.world.all_reduce(sums); });
  }

  const GlobalCounts& wait() {
    work_.wait();
    if (!counts_.valid.empty()) return counts_;
    const double* sums = sums_.const_data_ptr<double>();
    for (int64_t i = 0; i < sums_.numel(); i += 2) {
      counts_.valid.push_back(sums[i]);
      counts_.weight.push_back(sums[i + 1]);
    }
    return counts_;
  }

 private:
  at::Tensor sums_;
  Work work_;
  GlobalCounts counts_;
};

Trainer::Trainer(const Config& config, const Plan& plan, MultiTaskModel& model,
                 const Trainable& trainable, Optimizer& optimizer, MovingAverage* average,
                 const Schedule& schedule, StepInputs& inputs, Reducer& reducer, Ranks& ranks)
    : config_(config),
      plan_(plan),
      model_(model),
      trainable_(trainable),
      optimizer_(optimizer),
      average_(average),
      schedule_(schedule),
      inputs_(inputs),
      reducer_(reducer),
      ranks_(ranks) {}

StepOutcome Trainer::step(int64_t step, const StepWishes& wishes) {
  const StepInput input = inputs_.next(step);
  PendingCounts counts(input.counts, ranks_);  // c0
  RankRecord mine = record_of(wishes);
  forward_backward(input, counts, mine);
  return finish(step, mine, counts.wait());
}

StepOutcome Trainer::step(int64_t step, const StepWishes& wishes, StepAction& action) {
  RankRecord mine = record_of(wishes);
  model_.storage().zero_gradients();
  const TakenStep taken = action.gradients(step);
  mine.loss_sums = taken.loss_sums;
  return finish(step, mine, {taken.weights, taken.weights});
}

RankRecord Trainer::record_of(const StepWishes& wishes) const {
  RankRecord record;
  record.stop = wishes.stop;
  record.save = wishes.save;
  record.loss_sums.assign(model_.size(), 0.0);
  return record;
}

// What follows once this rank has its gradients.
StepOutcome Trainer::finish(int64_t step, RankRecord& mine, const GlobalCounts& counts) {
  exchange();  // c2, c3
  measure(mine, step);
  const StepRecord record = gather_record(mine, ranks_.world, ranks_.queue);  // c4
  check_record(record, step);
  StepOutcome outcome = summarize(record, counts, step);
  if (!outcome.skipped) update(record, counts, outcome.learning_rate);
  return outcome;
}

double Trainer::rehearse(int64_t step) {
  const StepInput& input = inputs_.peek(step);
  const auto start = std::chrono::steady_clock::now();
  PendingCounts counts(input.counts, ranks_);
  RankRecord unused;
  unused.loss_sums.assign(model_.size(), 0.0);
  forward_backward(input, counts, unused);
  exchange();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Trainer::forward_backward(const StepInput& input, PendingCounts& counts, RankRecord& record) {
  DirectGradients direct;
  for (std::size_t p = 0; p < input.parts.size(); ++p) {
    if (p + 1 == input.parts.size()) reducer_.last_backward();
    const at::Tensor total = forward(input.parts[p], counts, record);
    if (p == 0) {
      model_.storage().zero_gradients(direct);
      direct.others_cleared();
    }
    if (total.defined() && total.requires_grad()) torch::autograd::backward({total}, {});
  }
  direct.finish();
}

// This rank's share of the objective; undefined where no task is present.
at::Tensor Trainer::forward(const std::vector<GroupInput>& groups, PendingCounts& counts,
                            RankRecord& record) {
  std::vector<SourceInput> inputs;
  for (const GroupInput& group : groups)
    inputs.push_back({plan_.groups[group.group].source, group.x, group.context});
  const std::vector<TrunkOutput> trunk = model_.shared(inputs);
  at::Tensor total;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const at::Tensor loss = weighted_loss(groups[g], trunk[g], counts, record);
    if (loss.defined()) total = total.defined() ? total.add(loss) : loss;
  }
  return total;
}

// The sum over a group's tasks of a_t / N_t times this rank's sum of losses: one term of the
// objective, never a mean of means. Undefined where no task of the group is present.
at::Tensor Trainer::weighted_loss(const GroupInput& group, const TrunkOutput& trunk,
                                  PendingCounts& pending, RankRecord& record) {
  const std::vector<std::size_t>& tasks = plan_.groups[group.group].tasks;
  at::Tensor total;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::size_t t = tasks[i];
    const at::Tensor sum =
        model_.task(t).loss_sum(model_.head(t, trunk, group.context), group.targets[i]);
    record.loss_sums[t] += sum.item<double>();
    const GlobalCounts& counts = pending.wait();
    if (!counts.present(t)) continue;
    const at::Tensor term = sum.mul(config_.tasks[t].second.weight / counts.weight[t]);
    total = total.defined() ? total.add(term) : term;
  }
  return total;
}

void Trainer::exchange() {
  if (const at::Tensor moving = trainable_.world_gradients(); moving.numel() > 0)
    reducer_.sum_world(moving);
  for (std::size_t s = 0; s < plan_.holder_sets.size(); ++s)
    reducer_.sum_parts(s, model_.storage().set(s).gradients());
  reducer_.wait();
}

// Each piece of the norm is computed by one rank: slice p of the trunk by rank p, a head or stem by
// its lowest holder.
void Trainer::measure(RankRecord& record, int64_t step) {
  const at::Tensor trunk = trainable_.trunk_gradients();
  const SlotRange mine = own_slice(trunk.numel(), ranks_);
  record.trunk_squares = squared_norm(trunk, mine.begin, mine.end);
  record.part_squares.assign(model_.storage().parts(), 0.0);
  for (const std::size_t p : model_.storage().held_parts()) {
    if (plan_.lowest_holder(p) != ranks_.rank()) continue;
    const at::Tensor gradient = model_.storage().part_gradient(p);
    record.part_squares[p] = squared_norm(gradient, 0, gradient.numel());
  }
  if (step % kHashEvery == 0)
    record.parameter_hash = hash_of_values(model_.storage().trunk().values());
}

void Trainer::check_record(const StepRecord& record, int64_t step) const {
  const bool speaker = ranks_.rank() == 0;
  if (!record.replicas_agree())
    throw AgreedError(
        ExitCode::kNumeric,
        fmt::format("step {}: the trunk differs between ranks (hashes {:016x}); memory or network "
                    "corrupted it; resume from the last checkpoint",
                    step, fmt::join(record.parameter_hashes, " ")),
        speaker);
  if (record.finite() || config_.train.on_nonfinite != "stop") return;
  const std::size_t p = record.first_nonfinite_part();
  const std::string what =
      p < model_.size() ? fmt::format("the loss or gradient of task {}", model_.task(p).name())
      : p < model_.storage().parts()
          ? fmt::format("the gradient of {}", model_.storage().part_name(p))
          : "the trunk's gradient";
  throw AgreedError(
      ExitCode::kNumeric,
      fmt::format("step {}: {} is not finite (losses {}); lower train.optimizer.lr, set "
                  "train.clip_norm, or train.on_nonfinite: skip_step",
                  step, what, fmt::join(record.loss_sums, " ")),
      speaker);
}

StepOutcome Trainer::summarize(const StepRecord& record, const GlobalCounts& counts,
                               int64_t step) const {
  StepOutcome outcome;
  for (std::size_t t = 0; t < model_.size(); ++t)
    outcome.losses.push_back(
        counts.present(t) ? std::optional(record.loss_sums[t] / counts.weight[t]) : std::nullopt);
  outcome.gradient_norm = std::sqrt(record.squared_norm());
  outcome.learning_rate = config_.train.optimizer.lr * schedule_.factor(step);
  outcome.skipped = !record.finite();
  outcome.stop = record.stop;
  outcome.save = record.save;
  return outcome;
}

void Trainer::update(const StepRecord& record, const GlobalCounts& counts, double learning_rate) {
  // A head moves with its task, a stem with any task of its source, the trunk with any at all.
  std::vector<bool> present(model_.storage().parts(), false);
  bool anything = false;
  for (const Group& group : plan_.groups)
    for (const std::size_t t : group.tasks) {
      present[t] = counts.present(t);
      anything |= present[t];
      for (std::size_t i = 0; i < plan_.stem_sources.size(); ++i)
        if (plan_.stem_sources[i] == group.source && present[t]) present[plan_.tasks + i] = true;
    }
  const std::vector<bool> active = trainable_.active(anything, present);
  optimizer_.step(learning_rate, clip_factor(record.squared_norm(), config_.train.clip_norm),
                  active);
  if (average_ != nullptr) average_->update(optimizer_, active);
}

}  // namespace trunkline
