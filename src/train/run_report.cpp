#include "trunkline/train/run_report.hpp"

#include <unistd.h>

#include <algorithm>

#include "trunkline/report/last_metrics.hpp"
#include "trunkline/report/table.hpp"

namespace trunkline {
namespace {

constexpr int64_t kRecordEvery = 10;  // steps between training lines in metrics.jsonl

// The last step at which a task was evaluated. Steps write a loss of the split train, which is no
// evaluation's.
int64_t evaluated_at(const std::vector<MetricLine>& lines, const std::string& split,
                     const std::string& task) {
  int64_t step = -1;
  for (const MetricLine& line : lines)
    if (line.split == split && line.task == task && line.metric != "loss")
      step = std::max(step, line.step);
  return step;
}

}  // namespace

RunReport::RunReport(const TrainingSession& training, const RunClock& clock, Logger logger)
    : training_(training), clock_(clock), logger_(std::move(logger)) {}

void RunReport::open(const std::filesystem::path& run, int64_t offset, int64_t step) {
  path_ = run / "metrics.jsonl";
  metrics_ = std::make_unique<MetricsFile>(path_, offset);
  progress_ = std::make_unique<Progress>(logger_, isatty(STDERR_FILENO) != 0);
  recorded_ = {step, clock_.elapsed(), 0.0};
}

std::vector<TaskMetrics> RunReport::last_evaluation() const {
  const Session& session = training_.session();
  const std::string& split = session.config.evaluate.split;
  const std::vector<MetricLine> lines = last_metrics(path_);
  std::vector<TaskMetrics> evaluation;
  for (const auto& [name, options] : session.config.tasks) {
    const std::size_t source = session.config.source_index(options.source);
    TaskMetrics task{name, session.sources[source]->rows(split_named(split)), {}};
    const int64_t step = evaluated_at(lines, split, name);
    for (const MetricLine& line : lines)
      if (line.split == split && line.task == name && line.step == step)
        task.values.push_back({line.metric, line.value});
    if (!task.values.empty()) evaluation.push_back(std::move(task));
  }
  return evaluation;
}

void RunReport::step(int64_t step, const StepOutcome& outcome) {
  if (outcome.skipped)
    logger_->warn("step {}: a loss or gradient is not finite; the step is skipped", step - 1);
  if (!metrics_) return;
  const OrderedMap<TaskOptions>& tasks = training_.session().config.tasks;
  const int64_t total_steps = training_.duration().total_steps;
  ProgressPoint point{
      step, total_steps, epoch(step), {}, static_cast<double>(training_.rows_per_step())};
  for (std::size_t t = 0; t < tasks.size(); ++t)
    if (outcome.losses[t]) point.losses.emplace_back(tasks[t].first, *outcome.losses[t]);
  progress_->update(point);
  if (step % kRecordEvery != 0 && step < total_steps) return;
  record_losses(step, outcome);
  record_speed(step);
  tell_problem();
}

void RunReport::record_losses(int64_t step, const StepOutcome& outcome) {
  const OrderedMap<TaskOptions>& tasks = training_.session().config.tasks;
  for (std::size_t t = 0; t < tasks.size(); ++t)
    append(step, "train", tasks[t].first, "loss", outcome.losses[t]);
  append(step, "train", std::nullopt, "lr", outcome.learning_rate);
  append(step, "train", std::nullopt, "grad_norm", outcome.gradient_norm);
  const OrderedMap<SourceConfig>& sources = training_.session().config.sources;
  if (sources.size() < 2) return;
  for (std::size_t s = 0; s < sources.size(); ++s)
    append(step, "train", std::nullopt, "epochs." + sources[s].first, epochs_seen(step, s));
}

double RunReport::epochs_seen(int64_t step, std::size_t source) const {
  const Session& session = training_.session();
  const int64_t batch = session.config.sources[source].second.batch;
  return static_cast<double>(step * batch) /
         static_cast<double>(session.sources[source]->rows(Split::kTrain));
}

// Sources of different length take different numbers of steps for an epoch.
std::string RunReport::rows_seen(int64_t step) const {
  std::string text;
  const OrderedMap<SourceConfig>& sources = training_.session().config.sources;
  for (std::size_t s = 0; s < sources.size(); ++s)
    text += fmt::format("  {} {} rows ({:.3g} epochs)", sources[s].first,
                        format_count(static_cast<double>(step * sources[s].second.batch)),
                        epochs_seen(step, s));
  return text;
}

// Rows of all sources per second, and seconds spent waiting for data, since the last record.
void RunReport::record_speed(int64_t step) {
  const Speed now = {step, clock_.elapsed(), training_.seconds_waited()};
  const double seconds = now.seconds - recorded_.seconds;
  const auto rows = static_cast<double>((now.step - recorded_.step) * training_.rows_per_step());
  append(step, "train", std::nullopt, "samples_per_s", rows / std::max(seconds, 1e-9));
  append(step, "train", std::nullopt, "wait_s", now.waited - recorded_.waited);
  recorded_ = now;
}

void RunReport::evaluation(int64_t step, const std::vector<TaskMetrics>& metrics) {
  if (!metrics_) return;
  const std::string& split = training_.session().config.evaluate.split;
  progress_->finish();
  if (training_.session().sources.size() > 1)
    logger_->info("epoch {:g}  train{}", epoch(step), rows_seen(step));
  for (const TaskMetrics& task : metrics) {
    std::string line;
    for (const MetricValue& value : task.values) {
      append(step, split, task.task, value.name, value.value);
      line += fmt::format("  {} {}", value.name,
                          value.value ? format_metric(*value.value) : "undefined");
    }
    for (const MetricValue& gate : task.gates)
      append(step, split, task.task, gate.name, gate.value);
    if (!line.empty()) logger_->info("epoch {:g}  {}  {}{}", epoch(step), split, task.task, line);
  }
  warn_of_collapse(step, split, metrics);
  flush();
}

// Also a line of metrics.jsonl without a task: how many experts have pushed the others out.
void RunReport::warn_of_collapse(int64_t step, const std::string& split,
                                 const std::vector<TaskMetrics>& metrics) {
  std::vector<std::vector<MetricValue>> gates;
  for (const TaskMetrics& task : metrics) gates.push_back(task.gates);
  const std::vector<std::string> collapsed = collapsed_experts(gates);
  for (const std::string& expert : collapsed)
    logger_->warn(
        "{}: above 0.95 for every task; the other shared experts of its layer are hardly "
        "used: take fewer, or another seed",
        expert);
  if (!collapsed.empty())
    append(step, split, std::nullopt, "gate.collapsed", static_cast<double>(collapsed.size()));
}

int64_t RunReport::flush() {
  if (!metrics_) return 0;
  metrics_->try_flush();
  tell_problem();
  return metrics_->offset();
}

// Once when it begins, once when it is over.
void RunReport::tell_problem() {
  const std::string& problem = metrics_->problem();
  if (problem.empty() == !problem_told_) return;
  problem_told_ = !problem.empty();
  if (problem_told_)
    logger_->warn("{}; training goes on, and the lines wait", problem);
  else
    logger_->info("metrics.jsonl has all lines again");
}

void RunReport::finish() {
  if (progress_) progress_->finish();
  if (metrics_) metrics_->flush();
}

void RunReport::append(int64_t step, const std::string& split,
                       const std::optional<std::string>& task, const std::string& metric,
                       std::optional<double> value) {
  metrics_->append({step, epoch(step), split, task, metric, value});
}

double RunReport::epoch(int64_t step) const {
  return static_cast<double>(step) / static_cast<double>(training_.duration().steps_per_epoch);
}

}  // namespace trunkline
