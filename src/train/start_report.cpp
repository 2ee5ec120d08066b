#include "trunkline/train/start_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "trunkline/report/table.hpp"
#include "trunkline/train/gather.hpp"

namespace trunkline {
namespace {

using nlohmann::json;

TaskReport task_report(const Session& session, std::size_t t) {
  const auto& [name, options] = session.config.tasks[t];
  const std::size_t source = session.config.source_index(options.source);
  return {name,
          session.model->task(t).kind(),
          options.source,
          session.sources[source]->rows(Split::kTrain),
          session.config.sources[source].second.batch,
          elements_of(session.model->storage().part_entries(t)),
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
                    rank.cores, format_count(static_cast<double>(rank.parameters)),
                    format_bytes(rank.model_bytes), format_bytes(rank.memory_bytes),
                    join(rank.tasks)});
  return format_table(
      {"rank", "host", "device", "threads", "cores", "parameters", "model", "memory", "tasks"},
      rows);
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

std::string duration(double seconds) {
  return seconds < 0.9995 ? fmt::format("{:.3g} ms", 1e3 * seconds)
                          : fmt::format("{:.3g} s", seconds);
}

// What was measured of each layout, and so why the first was taken; empty without a measurement.
std::string layouts_table(const StartReport& report) {
  if (!report.layouts.front().forecast) return "";
  std::vector<std::vector<std::string>> rows;
  for (const LayoutOffer& layout : report.layouts) {
    const StepForecast& step = *layout.forecast;
    rows.push_back({layout.kind, duration(step.compute_seconds), duration(step.sum_seconds),
                    duration(step.seconds()),
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

std::vector<std::string> StartReport::cores() const {
  std::vector<std::string> cores;
  for (const RankReport& rank : ranks) cores.push_back(rank.cores);
  return cores;
}

double StartReport::sent_bytes() const {
  double most = 0.0;
  for (const RankReport& rank : ranks) most = std::max(most, rank.sent_bytes);
  return most;
}

StartReport make_start_report(const TrainingSession& training, Ranks& ranks) {
  const Session& session = training.session();
  StartReport report;
  for (const std::string& text : gather_text(ranks, to_json(own_report(training)).dump()))
    report.ranks.push_back(rank_report_from_json(json::parse(text)));
  for (std::size_t t = 0; t < session.model->size(); ++t)
    report.tasks.push_back(task_report(session, t));
  report.layouts = session.layout.offers;
  report.trunk_parameters = elements_of(session.model->storage().trunk_entries());
  report.total_steps = training.duration().total_steps;
  report.steps_per_epoch = training.duration().steps_per_epoch;
  report.backend = ranks.world.backend();
  return report;
}

std::string format_start_report(const StartReport& report) {
  return fmt::format(
      "{}\n{}\n{}trunk {} parameters, {} to send per step and rank{}; {} steps, {} per epoch",
      ranks_table(report), tasks_table(report), layouts_table(report),
      format_count(static_cast<double>(report.trunk_parameters)), format_bytes(report.sent_bytes()),
      sent_by(report), format_count(static_cast<double>(report.total_steps)),
      format_count(static_cast<double>(report.steps_per_epoch)));
}

json to_json(const StartReport& report) {
  json ranks = json::array(), tasks = json::array(), layouts = json::array();
  for (const RankReport& rank : report.ranks) ranks.push_back(to_json(rank));
  for (const TaskReport& task : report.tasks)
    tasks.push_back({{"name", task.name},
                     {"kind", task.kind},
                     {"source", task.source},
                     {"rows", task.rows},
                     {"batch", task.batch},
                     {"parameters", task.parameters},
                     {"ranks", task.holders},
                     {"weight", task.weight}});
  for (const LayoutOffer& layout : report.layouts) {
    json offer = {{"layout", layout.kind}, {"holders", layout.holders}};
    if (layout.forecast)
      offer.update({{"compute_seconds", layout.forecast->compute_seconds},
                    {"sum_seconds", layout.forecast->sum_seconds},
                    {"step_seconds", layout.forecast->seconds()}});
    layouts.push_back(offer);
  }
  return {{"ranks", ranks},
          {"tasks", tasks},
          {"layouts", layouts},
          {"trunk_parameters", report.trunk_parameters},
          {"sent_bytes_per_step", report.sent_bytes()},
          {"steps_per_epoch", report.steps_per_epoch}};
}

}  // namespace trunkline
