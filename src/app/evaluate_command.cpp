#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/learn/evaluate.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/train/device_ranks.hpp"

namespace trunkline {
namespace {

struct EvaluateArguments {
  std::string run, split = "valid", device = "cpu", json;
};

std::string to_table(const RunMetrics& metrics) {
  std::vector<std::vector<std::string>> rows;
  for (const TaskMetrics& task : metrics.tasks)
    for (const MetricValue& metric : task.values)
      rows.push_back({task.task, format_count(static_cast<double>(task.rows)), metric.name,
                      metric.value ? format_metric(*metric.value) : "undefined"});
  return format_table({"task", "rows", "metric", "value"}, rows);
}

ExitCode evaluate(const EvaluateArguments& arguments, Ranks& ranks,
                  const std::shared_ptr<IoThread>& io) {
  const Logger logger = make_logger({ranks.rank(), false, ""});
  DeviceRanks placed(arguments.device, ranks);
  const RunMetrics metrics =
      evaluate_run(arguments.run, split_named(arguments.split), placed.ranks(), io, logger);
  if (ranks.rank() != 0) return ExitCode::kDone;
  logger->info("{}, step {}, split {}", arguments.run, metrics.step, arguments.split);
  if (arguments.json != "-") std::cout << to_table(metrics);
  write_json(arguments.json, {{"run", arguments.run},
                              {"step", metrics.step},
                              {"split", arguments.split},
                              {"metrics", metrics_to_json(metrics.tasks)}});
  return ExitCode::kDone;
}

}  // namespace

void add_evaluate(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App& command =
      *app.add_subcommand("evaluate", "Metrics of every task of a run, exact over all rows");
  command.add_option("RUN", arguments->run, "run folder")->required();
  command.add_option("--split", arguments->split, "train, valid or test")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
  add_device(command, arguments->device);
  command.add_option("--json", arguments->json,
                     "write the metrics to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>& io) {
        return evaluate(*arguments, ranks, io);
      });
    };
  });
}

}  // namespace trunkline
