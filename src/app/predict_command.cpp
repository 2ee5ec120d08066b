#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "prediction_options.hpp"
#include "prediction_table.hpp"
#include "program.hpp"
#include "trunkline/learn/predict.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/train/device_ranks.hpp"

namespace trunkline {
namespace {

struct PredictArguments {
  PredictRequest request;
  std::string device = "cpu", json;
};

ExitCode predict_command(const PredictArguments& arguments, Ranks& ranks,
                         const std::shared_ptr<IoThread>& io) {
  const Logger logger = make_logger({ranks.rank(), false, ""});
  DeviceRanks placed(arguments.device, ranks);
  const PredictSummary summary = predict(arguments.request, placed.ranks(), io, logger);
  if (ranks.rank() != 0) return ExitCode::kDone;
  logger->info("{}: {} rows of task {} in {:.1f} s", arguments.request.output,
               format_count(static_cast<double>(summary.rows)), summary.task, summary.seconds);
  if (arguments.json != "-") std::cout << prediction_table(summary);
  write_json(arguments.json, {{"output", arguments.request.output},
                              {"task", summary.task},
                              {"step", summary.step},
                              {"rows", summary.rows},
                              {"seconds", summary.seconds},
                              {"class_names", summary.class_names},
                              {"first_rows", summary.head}});
  return ExitCode::kDone;
}

}  // namespace

void add_predict(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<PredictArguments>();
  CLI::App& command = *app.add_subcommand(
      "predict", "Predictions of one task for every row of a file, in its order");
  PredictRequest& request = arguments->request;
  command.add_option("RUN", request.run, "run folder")->required();
  command.add_option("--task", request.task, "task of the run; default: its only one");
  add_prediction_options(command, request);
  add_device(command, arguments->device);
  command.add_option("--json", arguments->json,
                     "write a summary to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>& io) {
        return predict_command(*arguments, ranks, io);
      });
    };
  });
}

}  // namespace trunkline
