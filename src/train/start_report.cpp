#include "trunkline/train/start_report.hpp"

#include <ATen/Parallel.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "trunkline/report/table.hpp"
#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

int64_t elements(const std::vector<FlatEntry>& entries) {
  int64_t total = 0;
  for (const FlatEntry& entry : entries) total += entry.elements();
  return total;
}

// Parameters, gradients, and the moments of the optimizer (sgd: one buffer with momentum; adam:
// two), and averages where there are any.
double copies(const TrainOptions& train) {
  const double average = train.ema > 0.0 ? 1.0 : 0.0;
  if (train.optimizer.kind == "sgd") return average + (train.optimizer.momentum != 0.0 ? 3.0 : 2.0);
  return average + 4.0;
}

RankReport own_report(const Session& session) {
  RankReport report{session.ranks.rank(),      host_name(), at::get_num_threads(), {}, 0, 0.0,
                    session.ranks.device.str()};
  report.parameters = elements(session.model->trunk_entries());
  for (const std::size_t p : session.model->held_parts()) {
    if (p < session.model->size()) report.tasks.push_back(session.model->task(p).name());
    report.parameters += elements(session.model->part_entries(p));
  }
  report.bytes = static_cast<double>(report.parameters) * copies(session.config.train) *
                 static_cast<double>(c10::elementSize(session.config.precision()));
  return report;
}

RankReport parse(const std::string& text) {
  const json j = json::parse(text);
  return {j[0], j[1], j[2], j[3].get<std::vector<std::string>>(), j[4], j[5], j[6]};
}

TaskReport task_report(const Session& session, std::size_t t) {
  const auto& [name, options] = session.config.tasks[t];
  const std::size_t source = session.config.source_index(options.source);
  return {name,
          session.model->task(t).kind(),
          options.source,
          session.sources[source]->rows(Split::kTrain),
          session.config.sources[source].second.batch,
          elements(session.model->part_entries(t)),
          static_cast<int>(session.plan.holders[t].size()),
          options.weight};
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::string ranks_table(const StartReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const RankReport& rank : report.ranks)
    rows.push_back({std::to_string(rank.rank), rank.host, rank.device, std::to_string(rank.threads),
                    format_count(static_cast<double>(rank.parameters)), format_bytes(rank.bytes),
                    join(rank.tasks)});
  return format_table({"rank", "host", "device", "threads", "parameters", "memory", "tasks"}, rows);
}

std::string tasks_table(const StartReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const TaskReport& task : report.tasks)
    rows.push_back({task.name, task.kind, task.source, format_count(static_cast<double>(task.rows)),
                    std::to_string(task.batch), std::to_string(task.holders),
                    format_count(static_cast<double>(task.parameters)),
                    fmt::format("{:g}", task.weight)});
  return format_table({"task", "kind", "source", "rows", "batch", "ranks", "head", "weight"}, rows);
}

std::string milliseconds(double seconds) { return fmt::format("{:.3g} ms", 1e3 * seconds); }

// What was measured of each layout, and so why the first was taken; empty without a measurement.
std::string layouts_table(const StartReport& report) {
  if (!report.layouts.front().forecast) return "";
  std::vector<std::vector<std::string>> rows;
  for (const LayoutOffer& layout : report.layouts) {
    const StepForecast& step = *layout.forecast;
    rows.push_back({layout.kind, milliseconds(step.compute_seconds), milliseconds(step.sum_seconds),
                    milliseconds(step.seconds()),
                    format_seconds(step.seconds() * static_cast<double>(report.total_steps)),
                    rows.empty() ? "taken" : ""});
  }
  return format_table({"layout", "compute", "sums", "step", "all steps", ""}, rows) + "\n";
}

// Staging happens to a user who gave several ranks one GPU, and costs them: say so.
std::string sent_by(const StartReport& report) {
  if (report.backend == "single") return "";
  if (report.backend == "staged" && report.ranks.size() > 1)
    return " through host memory, because ranks share a GPU";
  return " by " + report.backend;
}

}  // namespace

std::vector<std::string> StartReport::hosts() const {
  std::vector<std::string> hosts;
  for (const RankReport& rank : ranks) hosts.push_back(rank.host);
  return hosts;
}

StartReport make_start_report(const TrainingSession& training, Ranks& ranks) {
  const Session& session = training.session();
  const RankReport mine = own_report(session);
  StartReport report;
  for (const std::string& text :
       gather_text(ranks, json({mine.rank, mine.host, mine.threads, mine.tasks, mine.parameters,
                                mine.bytes, mine.device})
                              .dump()))
    report.ranks.push_back(parse(text));
  for (std::size_t t = 0; t < session.model->size(); ++t)
    report.tasks.push_back(task_report(session, t));
  report.layouts = session.layout.offers;
  report.trunk_parameters = elements(session.model->trunk_entries());
  report.total_steps = training.duration().total_steps;
  report.steps_per_epoch = training.duration().steps_per_epoch;
  const double p = ranks.size();
  const auto bytes = static_cast<double>(training.trainable().trunk_gradients().nbytes());
  report.bytes_sent_per_step = 2.0 * bytes * (p - 1.0) / p;
  report.backend = ranks.world.backend();
  return report;
}

std::string format_start_report(const StartReport& report) {
  return fmt::format(
      "{}\n{}\n{}trunk {} parameters, {} to send per step and rank{}; {} steps, {} per epoch",
      ranks_table(report), tasks_table(report), layouts_table(report),
      format_count(static_cast<double>(report.trunk_parameters)),
      format_bytes(report.bytes_sent_per_step), sent_by(report),
      format_count(static_cast<double>(report.total_steps)),
      format_count(static_cast<double>(report.steps_per_epoch)));
}

}  // namespace trunkline
