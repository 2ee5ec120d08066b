#include "command.hpp"
#include "program.hpp"
#include "train_command.hpp"
#include "trunkline/learn/finetune.hpp"

namespace trunkline {
namespace {

struct FinetuneArguments : TrainArguments {
  std::string parent;
};

ExitCode finetune(const FinetuneArguments& arguments, Ranks& ranks,
                  const std::shared_ptr<IoThread>& io) {
  Config config;
  agree(ranks,
        [&] { config = finetune_config(arguments.parent, arguments.config, arguments.overrides); });
  return run_training(config, arguments, ranks, io);
}

}  // namespace

void add_finetune(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<FinetuneArguments>();
  CLI::App& command = *app.add_subcommand(
      "finetune", "Train a trained model on, on the tasks of a config; the old run is only read");
  add_train_arguments(command, *arguments);
  command
      .add_option("--from", arguments->parent,
                  "run folder, checkpoint folder or .safetensors file to begin with")
      ->required();
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>& io) {
        return finetune(*arguments, ranks, io);
      });
    };
  });
}

}  // namespace trunkline
