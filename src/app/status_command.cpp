#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/train/run_status.hpp"

namespace trunkline {
namespace {

std::string state_of(const RunStatus& status) {
  if (status.running()) return "running, " + *status.holder;
  if (status.finished()) return "finished";
  if (status.locks) return "not running";
  return "unknown whether it runs: this file system has no locks";
}

std::string progress_of(const RunStatus& status) {
  std::string text = fmt::format("step {}", status.step);
  if (status.total_steps) text += fmt::format(" of {}", *status.total_steps);
  if (status.epoch) text += fmt::format(", epoch {:.1f}", *status.epoch);
  if (status.seconds_since_metrics)
    text += fmt::format(", told {} ago", format_seconds(*status.seconds_since_metrics));
  return text;
}

std::string speed_of(const RunStatus& status) {
  if (!status.samples_per_second) return "";
  std::string text = format_count(*status.samples_per_second) + " samples/s";
  if (status.running() && status.seconds_left)
    text += fmt::format(", {} left", format_seconds(*status.seconds_left));
  return text;
}

std::string checkpoint_of(const RunStatus& status) {
  if (!status.newest) return "none yet";
  return fmt::format("step {}, {} ago, {}", status.newest->step,
                     format_seconds(status.newest->age_seconds),
                     format_bytes(static_cast<double>(status.newest->bytes))) +
         (status.problem.empty() ? "" : "; it cannot be read: " + status.problem);
}

std::string best_of(const RunStatus& status) {
  if (!status.best) return "none yet";
  return fmt::format("{} {} at step {}", status.best_name, format_metric(status.best->value),
                     status.best->step);
}

std::string metrics_table(const RunStatus& status) {
  std::vector<std::vector<std::string>> rows;
  for (const MetricLine& line : status.metrics)
    if (line.task)
      rows.push_back({line.split, *line.task, line.metric,
                      line.value ? format_metric(*line.value) : "undefined",
                      fmt::format("{}", line.step)});
  return rows.empty() ? "" : format_table({"split", "task", "metric", "value", "step"}, rows);
}

std::string to_text(const RunStatus& status) {
  std::string text = fmt::format("{}: {}\n", status.run.string(), state_of(status));
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"progress", progress_of(status)},
      {"speed", speed_of(status)},
      {"checkpoint", checkpoint_of(status)},
      {"best", best_of(status)},
      {"go on with", status.resume_command()}};
  for (const auto& [name, value] : lines)
    if (!value.empty()) text += fmt::format("{:<12}{}\n", name, value);
  return text + metrics_table(status);
}

struct StatusArguments {
  std::string run, json;
};

ExitCode tell_status(const StatusArguments& arguments) {
  const RunStatus status = read_status(arguments.run);
  if (arguments.json != "-") std::cout << to_text(status);
  write_json(arguments.json, to_json(status));
  return ExitCode::kDone;
}

}  // namespace

void add_status(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<StatusArguments>();
  CLI::App& command = *app.add_subcommand(
      "status", "How a run is doing, while it trains and afterwards, and how to go on");
  command.add_option("RUN", arguments->run, "run folder")->required();
  command.add_option("--json", arguments->json,
                     "write the status to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] { return run_alone([&] { return tell_status(*arguments); }); };
  });
}

}  // namespace trunkline
