#include "trunkline/train/run.hpp"

#include "trunkline/train/collect_statistics.hpp"
#include "trunkline/train/start_report.hpp"
#include "trunkline/watch/stop_signal.hpp"

namespace trunkline {
namespace {

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

Run::Run(const Config& config, const RunRequest& request, Ranks& ranks,
         const std::shared_ptr<IoThread>& io, const StepActionsMaker& actions)
    : request_(request),
      ranks_(ranks),
      folder_(enter_folder(config, request, ranks)),
      logger_(open_logger(config, request, ranks)),
      resumed_(find_checkpoint(config, request, ranks, logger_)),
      training_(config, ranks, io, layout_wishes(),
                resumed_ ? resumed_->state.statistics : DataStatistics{}),
      clock_(parse_duration(config.run.time_limit, "run.time_limit"),
             config.checkpoint.every_minutes * 60.0),
      saves_(training_, folder_.get(), clock_, logger_, ranks),
      report_(training_, clock_, logger_),
      selection_(config) {
  agree(ranks_, [&] {
    check_selection(training_.session());
    if (actions) training_.use(actions(training_, logger_));
  });
}

Run::~Run() = default;

ExitCode Run::train() {
  if (resumed_)
    restore();
  else
    transfer();
  announce();
  if (request_.check_only) return ExitCode::kDone;
  start();
  loop();
  if (saves_.last_step() != step_) saves_.save(state());
  report_.finish();
  if (stopped_early())
    logger_->info("stopped early after step {} of {}: {}", step_, training_.duration().total_steps,
                  selection_.early_stop().reason());
  if (stopped_)
    logger_->info("stopped on request after step {} of {}; go on with --resume", step_,
                  training_.duration().total_steps);
  return stopped_ ? ExitCode::kStopped : ExitCode::kDone;
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
    training_.restore_actions(state.actions);
  });
  saves_.restore(resumed_->reader, state.step);
  selection_.restore(state);
  parent_ = state.origin;
  step_ = state.step;
  logger_->info("resuming after step {} of {}", step_, training_.duration().total_steps);
}

void Run::transfer() {
  transfer_ = training_.transfer(logger_);
  if (transfer_) parent_ = transfer_->origin;
}

void Run::announce() {
  const StartReport report = make_start_report(training_, ranks_);
  start_report_ = to_json(report);
  logger_->info("\n{}", format_start_report(report));
  if (transfer_) logger_->info("{}", format_transfer(*transfer_));
  const std::string finetuning =
      describe_finetuning(training_.session().config.finetune, training_.trainable());
  if (!finetuning.empty()) logger_->info("{}", finetuning);
  log_label_choices(training_.session().config, training_.session().labels, logger_);
  warn_of_unevaluated(training_.session(), logger_);
  log_constant_columns(training_.session().description.statistics, logger_);
  if (folder_) {
    folder_->keep_module(training_.session().config.trunk.module, logger_);
    folder_->write_config(training_.session().config, logger_);
    folder_->write_environment(report.hosts(), report.ranks.front().threads, report.cores());
  }
}

void Run::start() {
  training_.start(step_,
                  keeps_choices() ? std::optional(resumed_->state.measured.overlap) : std::nullopt,
                  origins_);
  if (ranks_.size() > 1)
    logger_->info("gradients leave {}", training_.overlap() ? "while backward is running"
                                                            : "in one piece after backward");
  agree(ranks_, [this] {
    if (!folder_) return;
    report_.open(folder_->path(), resumed_ ? resumed_->state.metrics_offset : 0, step_);
    last_metrics_ = report_.last_evaluation();
  });
  if (finished()) logger_->info("all {} steps are done; nothing is left to do", step_);
}

void Run::loop() {
  while (!finished() && !stopped_ && !stopped_early()) {
    const StepOutcome outcome = training_.step(step_, wishes());
    ++step_;
    last_losses_ = outcome.losses;
    report_.step(step_, outcome);
    const bool best = evaluation_due() && evaluate();
    if (best || saves_.due(step_, outcome)) saves_.try_save(state());
    stopped_ = outcome.stop && !finished() && !stopped_early();
  }
}

StepWishes Run::wishes() const {
  const bool speaker = ranks_.rank() == 0;  // one clock decides for all
  return {stop_requested() || (speaker && clock_.time_is_up()), speaker && clock_.save_is_due()};
}

bool Run::evaluation_due() const {
  const int64_t every =
      training_.session().config.evaluate.every * training_.duration().steps_per_epoch;
  return finished() || (every > 0 && step_ % every == 0);
}

bool Run::evaluate() {
  const Session& session = training_.session();
  const Evaluator evaluator(session.config, session.sources, session.plan, *session.model, ranks_);
  {
    const AveragedParameters averaged(training_.average());
    last_metrics_ = evaluator.evaluate(split_named(session.config.evaluate.split));
    training_.evaluate_actions(last_metrics_);
  }
  report_.evaluation(step_, last_metrics_);
  return selection_.observe(step_, last_metrics_);
}

RunState Run::state() {
  RunState state = state_of(training_, origins_);
  state.step = step_;
  state.origin = parent_;
  state.best = selection_.best();
  state.patience = selection_.early_stop().patience();
  state.metrics_offset = report_.flush();
  return state;
}

nlohmann::json Run::summary() const {
  nlohmann::json json = {{"run", training_.session().config.run.dir},
                         {"start", start_report_},
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
  if (transfer_) json["init"] = to_json(*transfer_);
  json["metrics"] = metrics_to_json(last_metrics_);
  if (const std::optional<Best>& best = selection_.best())
    json["best"] = {{"step", best->step}, {"value", best->value}};
  return json;
}

}  // namespace trunkline
