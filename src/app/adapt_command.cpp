#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "prediction_options.hpp"
#include "prediction_table.hpp"
#include "program.hpp"
#include "trunkline/learn/adapt.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/train/device_ranks.hpp"

namespace trunkline {
namespace {

struct AdaptArguments {
  AdaptRequest request;
  std::string device = "cpu", json;
};

ExitCode adapt_command(const AdaptArguments& arguments, Ranks& ranks,
                       const std::shared_ptr<IoThread>& io) {
  const Logger logger = make_logger({ranks.rank(), false, ""});
  DeviceRanks placed(arguments.device, ranks);
  const AdaptSummary summary = adapt(arguments.request, placed.ranks(), io, logger);
  if (ranks.rank() != 0) return ExitCode::kDone;
  logger->info("adapted to {} rows in {} steps of rate {:g}: their loss went from {} to {}",
               summary.support_rows, summary.steps, summary.rate,
               format_metric(summary.loss_before), format_metric(summary.loss_after));
  if (summary.loss_after > summary.loss_before)
    logger->warn("the loss of the support rose; lower --rate");
  logger->info("{}: {} rows of task {} in {:.1f} s", arguments.request.output,
               format_count(static_cast<double>(summary.rows)), summary.task, summary.seconds);
  if (arguments.json != "-") std::cout << prediction_table(summary);
  write_json(arguments.json, {{"output", arguments.request.output},
                              {"task", summary.task},
                              {"step", summary.step},
                              {"support_rows", summary.support_rows},
                              {"steps", summary.steps},
                              {"rate", summary.rate},
                              {"loss_before", summary.loss_before},
                              {"loss_after", summary.loss_after},
                              {"rows", summary.rows},
                              {"seconds", summary.seconds},
                              {"class_names", summary.class_names},
                              {"first_rows", summary.head}});
  return ExitCode::kDone;
}

}  // namespace

void add_adapt(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<AdaptArguments>();
  CLI::App& command = *app.add_subcommand(
      "adapt", "Adapt a run to the labelled rows of a file, and predict those of another");
  AdaptRequest& request = arguments->request;
  command.add_option("RUN", request.run, "run folder; it is only read")->required();
  command.add_option("--support", request.support, "HDF5 file, or FILE#/GROUP, with labels")
      ->required();
  command.add_option("--task", request.task,
                     "task of the run; default: its only one, or its only few_shot one");
  command
      .add_option("--steps", request.steps, "gradient steps; default: those of the run's episodes")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--rate", request.rate, "learning rate; default: that of the run's episodes")
      ->check(CLI::PositiveNumber);
  command.add_flag("--head-only", request.head_only, "leave the trunk as it is");
  add_prediction_options(command, request);
  add_device(command, arguments->device);
  command.add_option("--json", arguments->json,
                     "write a summary to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>& io) {
        return adapt_command(*arguments, ranks, io);
      });
    };
  });
}

}  // namespace trunkline
