#include "trunkline/train/run.hpp"

#include <unistd.h>

#include <algorithm>

#include "trunkline/report/table.hpp"
#include "trunkline/train/collect_statistics.hpp"
#include "trunkline/train/start_report.hpp"
#include "trunkline/watch/stop_signal.hpp"

namespace trunkline {
namespace {

constexpr int64_t kRecordEvery = 10;  // steps between training lines in metrics.jsonl
constexpr int kMaxFailedSaves = 3;    // in a row, before a run that cannot save stops

// Rank 0 enters the folder first, so that nobody trains into a folder that belongs to somebody
// else.
std::unique_ptr<RunFolder> enter_folder(const Config& config, const RunRequest& request,
                                        Ranks& ranks) {
  std::unique_ptr<RunFolder> folder;
  agree(ranks, [&] {
    if (ranks.rank() == 0 && !request.check_only)
      folder = std::make_unique<RunFolder>(config.run.dir, request.resume);
  });
  return folder;
}

Logger open_logger(const Config& config, const RunRequest& request, const Ranks& ranks) {
  const bool to_file = ranks.rank() == 0 && !request.check_only;
  return make_logger(
      {ranks.rank(), request.all_ranks_log, to_file ? config.run.dir + "/log.txt" : ""});
}

}  // namespace

Run::Run(Config config, const RunRequest& request, Ranks& ranks, std::shared_ptr<IoThread> io)
    : request_(request),
      ranks_(ranks),
      folder_(enter_folder(config, request, ranks)),
      logger_(open_logger(config, request, ranks)),
      resumed_(find_checkpoint(config, request, ranks, logger_)),
      training_(config, ranks, std::move(io), layout_wishes(),
                resumed_ ? resumed_->state.statistics : DataStatistics{}),
      checkpoints_(config.run.dir, config.train, training_.session().plan,
                   *training_.session().model, ranks),
      clock_(parse_duration(config.run.time_limit, "run.time_limit"),
             config.checkpoint.every_minutes * 60.0),
      early_stop_(config.train.early_stop) {
  agree(ranks_, [this] { check_choices(); });
}

Run::~Run() = default;

ExitCode Run::train() {
  if (resumed_) restore();
  announce();
  if (request_.check_only) return ExitCode::kDone;
  start();
  loop();
  if (saved_step_ != step_) save();
  if (progress_) progress_->finish();
  if (stopped_early())
    logger_->info("stopped early after step {} of {}: {}", step_, training_.duration().total_steps,
                  early_stop_.reason());
  if (stopped_)
    logger_->info("stopped on request after step {} of {}; go on with --resume", step_,
                  training_.duration().total_steps);
  return stopped_ ? ExitCode::kStopped : ExitCode::kDone;
}

// A misspelt metric would never improve, and end the run early.
void Run::check_choices() const {
  const Session& session = training_.session();
  const EarlyStopOptions& stop = session.config.train.early_stop;
  check_choice(session.config.checkpoint.best, "checkpoint.best", *session.model);
  check_choice(stop.choice, "train.early_stop", *session.model);
  bool rows = stop.patience == 0;
  for (const auto& source : session.sources)
    rows |= source->rows(split_named(session.config.evaluate.split)) > 0;
  check<UsageError>(rows, "train.early_stop: no source has rows in split {}; see evaluate.split",
                    session.config.evaluate.split);
}

std::optional<Run::Resumed> Run::find_checkpoint(const Config& config, const RunRequest& request,
                                                 Ranks& ranks, const Logger& logger) {
  if (!request.resume) return std::nullopt;
  std::optional<CheckpointReader> reader = newest_checkpoint(config.run.dir, ranks, logger);
  if (!reader) {
    logger->info("{}: no checkpoint yet; starting from the beginning", config.run.dir);
    return std::nullopt;
  }
  RunState state;
  agree(ranks, [&] { state = run_state_from_json(reader->state()); });
  return Resumed{std::move(*reader), std::move(state)};
}

LayoutWishes Run::layout_wishes() const {
  LayoutWishes wishes;
  wishes.forecast = request_.check_only;
  if (keeps_choices()) wishes.stored = resumed_->state.measured.holders;
  return wishes;
}

bool Run::keeps_choices() const {
  return resumed_ && resumed_->state.measured.world_size == ranks_.size();
}

void Run::restore() {
  const RunState& state = resumed_->state;
  agree(ranks_, [&] {
    origins_ = resumed_origins(state, training_.session(), request_.reshuffle, logger_);
  });
  checkpoints_.restore(resumed_->reader, training_.optimizer(), training_.average());
  step_ = saved_step_ = state.step;
  best_ = state.best;
  early_stop_.restore(state.patience);
  agree(ranks_, [&] {
    if (folder_)
      metrics_ =
          std::make_unique<MetricsFile>(folder_->path() / "metrics.jsonl", state.metrics_offset);
  });
  logger_->info("resuming after step {} of {}", step_, training_.duration().total_steps);
}

void Run::announce() const {
  const StartReport report = make_start_report(training_, ranks_);
  logger_->info("\n{}", format_start_report(report));
  log_constant_columns(training_.session().description.statistics, logger_);
  if (folder_) {
    folder_->write_config(training_.session().config, logger_);
    folder_->write_environment(report.hosts(), report.ranks.front().threads);
  }
}

void Run::start() {
  agree(ranks_, [&] {
    if (!folder_) return;
    if (!metrics_) metrics_ = std::make_unique<MetricsFile>(folder_->path() / "metrics.jsonl", 0);
    progress_ = std::make_unique<Progress>(logger_, isatty(STDERR_FILENO) != 0);
  });
  training_.start(step_,
                  keeps_choices() ? std::optional(resumed_->state.measured.overlap) : std::nullopt,
                  origins_);
  if (ranks_.size() > 1)
    logger_->info("gradients leave {}", training_.overlap() ? "while backward is running"
                                                            : "in one piece after backward");
  recorded_ = {step_, clock_.elapsed(), 0.0};
}

void Run::loop() {
  while (!finished() && !stopped_ && !stopped_early()) {
    const StepOutcome outcome = training_.step(step_, wishes());
    ++step_;
    record_step(outcome);
    const bool better = evaluation_due() && (evaluate(), best_ && best_->step == step_);
    if (better || save_due(outcome)) try_save();
    stopped_ = outcome.stop && !finished() && !stopped_early();
  }
}

StepWishes Run::wishes() const {
  const bool speaker = ranks_.rank() == 0;  // one clock decides for all
  return {stop_requested() || (speaker && clock_.time_is_up()), speaker && clock_.save_is_due()};
}

void Run::record_step(const StepOutcome& outcome) {
  last_losses_ = outcome.losses;
  if (outcome.skipped)
    logger_->warn("step {}: a loss or gradient is not finite; the step is skipped", step_ - 1);
  if (!metrics_) return;
  const OrderedMap<TaskOptions>& tasks = training_.session().config.tasks;
  ProgressPoint point{step_,
                      training_.duration().total_steps,
                      epoch(),
                      {},
                      static_cast<double>(training_.rows_per_step())};
  for (std::size_t t = 0; t < tasks.size(); ++t)
    if (outcome.losses[t]) point.losses.emplace_back(tasks[t].first, *outcome.losses[t]);
  progress_->update(point);
  if (step_ % kRecordEvery != 0 && !finished()) return;
  for (std::size_t t = 0; t < tasks.size(); ++t)
    append("train", tasks[t].first, "loss", outcome.losses[t]);
  append("train", std::nullopt, "lr", outcome.learning_rate);
  append("train", std::nullopt, "grad_norm", outcome.gradient_norm);
  record_speed();
}

// Rows of all sources per second, and seconds spent waiting for data, since the last record.
void Run::record_speed() {
  const Speed now = {step_, clock_.elapsed(), training_.seconds_waited()};
  const double seconds = now.seconds - recorded_.seconds;
  const auto rows = static_cast<double>((now.step - recorded_.step) * training_.rows_per_step());
  append("train", std::nullopt, "samples_per_s", rows / std::max(seconds, 1e-9));
  append("train", std::nullopt, "wait_s", now.waited - recorded_.waited);
  recorded_ = now;
}

bool Run::evaluation_due() const {
  const int64_t every =
      training_.session().config.evaluate.every * training_.duration().steps_per_epoch;
  return finished() || (every > 0 && step_ % every == 0);
}

void Run::evaluate() {
  Session& session = training_.session();
  const std::string& split = session.config.evaluate.split;
  const Evaluator evaluator(session.config, session.sources, session.plan, *session.model, ranks_);
  {
    const AveragedParameters averaged(training_.average());
    last_metrics_ = evaluator.evaluate(split_named(split));
  }
  record_metrics(last_metrics_);
  const MetricChoice& choice = session.config.checkpoint.best;
  const std::optional<double> value = chosen_value(choice, last_metrics_);
  if (value && (!best_ || better(choice, *value, best_->value))) best_ = Best{step_, *value};
  early_stop_.observe(last_metrics_);
}

void Run::record_metrics(const std::vector<TaskMetrics>& metrics) {
  if (!metrics_) return;
  const std::string& split = training_.session().config.evaluate.split;
  progress_->finish();
  for (const TaskMetrics& task : metrics) {
    std::string line;
    for (const MetricValue& value : task.values) {
      append(split, task.task, value.name, value.value);
      line += fmt::format("  {} {}", value.name,
                          value.value ? format_metric(*value.value) : "undefined");
    }
    if (!line.empty()) logger_->info("epoch {:g}  {}  {}{}", epoch(), split, task.task, line);
  }
  metrics_->flush();
}

bool Run::save_due(const StepOutcome& outcome) const {
  const int64_t every = training_.session().config.checkpoint.every_steps;
  return outcome.save || (every > 0 && step_ % every == 0);
}

void Run::save() {
  const Session& session = training_.session();
  RunState state;
  state.step = step_;
  state.seed = session.config.run.seed;
  state.sources = source_states(session, origins_);
  state.statistics = session.description.statistics;
  for (std::size_t t = 0; t < session.config.tasks.size(); ++t)
    state.targets.emplace_back(session.config.tasks[t].first, session.description.targets[t]);
  state.measured = {ranks_.size(), session.layout.holders(), training_.overlap()};
  state.best = best_;
  state.patience = early_stop_.patience();
  if (metrics_) {
    metrics_->flush();
    state.metrics_offset = metrics_->offset();
  }
  checkpoints_.save(step_, to_json(state), training_.optimizer(), training_.average());
  saved_step_ = step_;
  failed_saves_ = 0;
  clock_.saved();
  agree(ranks_, [&] {
    if (folder_)
      prune_checkpoints(folder_->path(), session.config.checkpoint.keep,
                        best_ ? std::optional(best_->step) : std::nullopt);
  });
}

// A full disk must not end a run that may yet be saved elsewhere in time: warn, keep the old
// checkpoint, go on.
void Run::try_save() {
  try {
    save();
  } catch (const AgreedError& error) {
    if (error.code() != ExitCode::kCheckpoint || ++failed_saves_ >= kMaxFailedSaves) throw;
    clock_.saved();
    if (error.speaker())
      logger_->error("checkpoint at step {} failed ({} of {} tries): {}", step_, failed_saves_,
                     kMaxFailedSaves, error.what());
  }
}

void Run::append(const std::string& split, const std::optional<std::string>& task,
                 const std::string& metric, std::optional<double> value) {
  metrics_->append({step_, epoch(), split, task, metric, value});
}

double Run::epoch() const {
  return static_cast<double>(step_) / static_cast<double>(training_.duration().steps_per_epoch);
}

nlohmann::json Run::summary() const {
  nlohmann::json json = {{"run", training_.session().config.run.dir},
                         {"steps", step_},
                         {"total_steps", training_.duration().total_steps},
                         {"stopped", stopped_},
                         {"stopped_early", stopped_early()},
                         {"seconds", clock_.elapsed()},
                         {"seconds_waiting_for_data", training_.seconds_waited()}};
  const OrderedMap<TaskOptions>& tasks = training_.session().config.tasks;
  for (std::size_t t = 0; t < last_losses_.size(); ++t)
    json["train_loss"][tasks[t].first] =
        last_losses_[t] ? nlohmann::json(*last_losses_[t]) : nlohmann::json(nullptr);
  json["metrics"] = metrics_to_json(last_metrics_);
  if (best_) json["best"] = {{"step", best_->step}, {"value", best_->value}};
  return json;
}

}  // namespace trunkline
