#include "trunkline/learn/adapt.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "trunkline/learn/learner.hpp"
#include "trunkline/model/input.hpp"
#include "trunkline/train/run_folder.hpp"
#include "trunkline/train/step_inputs.hpp"

namespace trunkline {
namespace {

// The named task, or the only few_shot one, or the only one.
std::string chosen_task(const Config& config, const std::string& named) {
  if (!named.empty()) return named;
  std::vector<std::string> few_shot, all;
  for (const auto& [name, task] : config.tasks) {
    all.push_back(name);
    if (task.kind == "few_shot") few_shot.push_back(name);
  }
  const std::vector<std::string>& choice = few_shot.empty() ? all : few_shot;
  check<UsageError>(choice.size() == 1, "--task: choose one of {}", fmt::join(choice, ", "));
  return choice.front();
}

at::Tensor numbers(const std::vector<int64_t>& values) {
  return at::tensor(values, c10::TensorOptions(c10::kLong));
}

/// The inner loop on the rows of a file.
class SupportAdaptation final : public ModelChange {
 public:
  SupportAdaptation(const AdaptRequest& request, AdaptSummary& summary)
      : request_(request), summary_(summary) {}

  FieldDescription open(const TrainedRun& run, std::size_t task,
                        const std::shared_ptr<IoThread>& io) override {
    run_ = &run;
    task_ = task;
    few_shot_ = options().kind == "few_shot";
    check<UsageError>(options().kind != "clustering" && options().kind != "reconstruction",
                      "--task {}: a {} has no labels to adapt to; choose a task with labels",
                      summary_.task, options().kind);
    choose_loop();
    const auto source = open_support(io);
    const FieldDescription& target = source->description().target(options().target);
    if (few_shot_) find_classes(target);
    return few_shot_ ? target : run.description().targets[task];
  }

  void apply(MultiTaskModel& model) override {
    const at::AutoGradMode gradients(true);
    const EpisodeRows rows = support_of(model);
    const Learner learner(model, task_, source(),
                          request_.head_only || run_->config.meta.head_only());
    const EpisodeLosses losses = learner.losses(rows, 0, 0);
    const Tensors start = learner.start();
    const Tensors adapted = descend(start, losses.support, loop_);
    const at::NoGradGuard no_grad;
    summary_.loss_before = losses.query(start).item<double>();
    summary_.loss_after = losses.query(adapted).item<double>();
    check<NumericError>(std::isfinite(summary_.loss_after),
                        "--rate {}: the loss of the support is not finite after {} steps; lower it",
                        loop_.rate, loop_.steps);
    for (std::size_t i = 0; i < start.size(); ++i) start[i].copy_(adapted[i]);
  }

  // Ways become the classes of the support; those that it has no row of have probability 0.
  Prediction change(const Prediction& prediction) const override {
    if (!few_shot_) return prediction;
    const auto present = static_cast<int64_t>(classes_.size());
    const at::Tensor ways = prediction.probability.narrow(1, 0, present);
    const at::Tensor probability = ways.div(ways.sum(1, true));
    at::Tensor wide = at::zeros({ways.size(0), classes_.back() + 1}, ways.options());
    wide.index_copy_(1, numbers(classes_), probability);
    return {numbers(classes_).index_select(0, ways.argmax(1)), wide};
  }

 private:
  const TaskOptions& options() const { return run_->config.tasks[task_].second; }
  std::size_t source() const { return task_sources(run_->config)[task_]; }

  void choose_loop() {
    const MetaOptions& meta = run_->config.meta;
    check<UsageError>(meta.given() || (request_.steps && request_.rate),
                      "{}: not meta-learned, so it does not say how to adapt; give --steps and "
                      "--rate",
                      request_.run.string());
    loop_.steps = request_.steps.value_or(meta.evaluate.steps.value_or(meta.inner_steps));
    loop_.rate = request_.rate.value_or(meta.inner_rate);
    summary_.steps = loop_.steps;
    summary_.rate = loop_.rate;
  }

  std::shared_ptr<Source> open_support(const std::shared_ptr<IoThread>& io) {
    const FieldDescription& trained = run_->input(options().source);
    SourceOptions files = run_->config.sources[source()].second;
    files.file = {request_.support};
    files.input = trained.name;
    Source::Wanted wanted{.name = "support", .targets = {options().target}, .key = "--support"};
    if (!options().kind.empty())
      wanted.kinds[options().target] = few_shot_ ? "classification" : options().kind;
    auto source = Source::open(files, wanted, io);
    const auto found = input_shape(source->description().inputs.front());
    check<DataError>(found == input_shape(trained),
                     "--support: {}: {} has rows of shape ({}), the model was trained on ({})",
                     request_.support, trained.name, fmt::join(found, ", "),
                     fmt::join(input_shape(trained), ", "));
    check<UsageError>(
        source->rows(Split::kValid) == 0 && source->rows(Split::kTest) == 0,
        "--support: {}: the file has several splits; name the group of one, e.g. FILE#/train",
        request_.support);
    rows_ = read_split(source, Split::kTrain, run_->config.meta.memory_bytes, "--support");
    summary_.support_rows = rows_->batch.rows();
    return source;
  }

  void find_classes(const FieldDescription& target) {
    labels_ = classes_of(summary_.task, options(), target, rows_->batch);
    classes_ = labels_;
    std::erase(classes_, -1);
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
    const auto present = static_cast<int64_t>(classes_.size());
    check<DataError>(present >= 2 && present <= options().classes.value_or(0),
                     "--support: {}: rows of {} classes; task {} can tell 2 to {} classes apart",
                     request_.support, present, summary_.task, options().classes.value_or(0));
  }

  EpisodeRows support_of(const MultiTaskModel& model) const {
    EpisodeRows rows;
    const auto precision = run_->config.precision();
    const c10::Device device = model.device();
    rows.x = prepare_input(on_device(rows_->batch.fields.at(rows_->input.name), device),
                           rows_->input, precision, model.input_statistics(options().source));
    rows.target = few_shot_ ? way_of_each() : model.task(task_).target(rows_->batch, precision);
    for (at::Tensor* tensor : {&rows.target.values, &rows.target.valid, &rows.target.weight})
      *tensor = on_device(*tensor, device);
    check<DataError>(model.task(task_).count(rows.target).weight > 0.0,
                     "--support: {}: none of its {} rows has a label in {}; label some",
                     request_.support, rows_->batch.rows(), target_of(options()));
    return rows;
  }

  Target way_of_each() const {
    std::vector<int64_t> ways;
    for (const int64_t label : labels_)
      ways.push_back(label < 0 ? 0
                               : std::lower_bound(classes_.begin(), classes_.end(), label) -
                                     classes_.begin());
    return {numbers(ways), numbers(labels_).ge(0),
            at::ones({static_cast<int64_t>(ways.size())}, c10::kDouble)};
  }

  const AdaptRequest& request_;
  AdaptSummary& summary_;
  const TrainedRun* run_ = nullptr;
  std::size_t task_ = 0;
  InnerLoop loop_;
  std::shared_ptr<const SplitRows> rows_;
  bool few_shot_ = false;
  std::vector<int64_t> labels_, classes_;  ///< of the rows; sorted, without repetition
};

}  // namespace

AdaptSummary adapt(AdaptRequest request, Ranks& ranks, const std::shared_ptr<IoThread>& io,
                   const Logger& logger) {
  AdaptSummary summary;
  agree(ranks, [&] {
    summary.task = chosen_task(stored_config(request.run, request.task_kinds), request.task);
  });
  request.task = summary.task;
  SupportAdaptation adaptation(request, summary);
  request.change = &adaptation;
  static_cast<PredictSummary&>(summary) = predict(request, ranks, io, logger);
  return summary;
}

}  // namespace trunkline
