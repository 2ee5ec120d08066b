#include "train_command.hpp"

#include "command.hpp"
#include "program.hpp"
#include "trunkline/learn/step_actions.hpp"
#include "trunkline/train/device_ranks.hpp"

namespace trunkline {
namespace {

ExitCode train(const TrainArguments& arguments, Ranks& ranks, const std::shared_ptr<IoThread>& io) {
  Config config;
  agree(ranks, [&] { config = read_config(arguments.config, arguments.overrides); });
  return run_training(config, arguments, ranks, io);
}

}  // namespace

void add_train_arguments(CLI::App& command, TrainArguments& arguments) {
  command.add_option("CONFIG", arguments.config, "YAML config")->required();
  command.add_option("KEY=VALUE", arguments.overrides, "overrides, e.g. train.epochs=3 run.seed=2");
  command.add_flag("--resume", arguments.request.resume,
                   "go on from the newest checkpoint of run.dir; start where there is none");
  command
      .add_flag(
          "--reshuffle", arguments.request.reshuffle,
          "with --resume: where a source's rows or batch have changed, begin a fresh epoch of it")
      ->needs("--resume");
  command.add_flag("--check", arguments.request.check_only,
                   "check config and data, print layout and sizes, and stop before the first step");
  command.add_flag("--log-all-ranks", arguments.request.all_ranks_log,
                   "let every rank log, not only rank 0");
  command.add_option("--json", arguments.json,
                     "write a summary of the run to this file (- for standard output)");
}

ExitCode run_training(const Config& config, const TrainArguments& arguments, Ranks& ranks,
                      const std::shared_ptr<IoThread>& io) {
  DeviceRanks placed(config.run.device, ranks, config.comm.backend);
  Run run(config, arguments.request, placed.ranks(), io, make_step_actions);
  const ExitCode code = run.train();
  if (ranks.rank() == 0) write_json(arguments.json, run.summary());
  return code;
}

void add_train(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App& command = *app.add_subcommand("train", "Train the trunk and all heads of a config");
  add_train_arguments(command, *arguments);
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>& io) {
        return train(*arguments, ranks, io);
      });
    };
  });
}

}  // namespace trunkline
