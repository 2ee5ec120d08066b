// trunkline: one shared trunk, many task heads, any number of ranks.
#include <fmt/ranges.h>

#include <csignal>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/core/version.hpp"
#include "trunkline/watch/stop_signal.hpp"
#include "unknown_command.hpp"

namespace {

using namespace trunkline;

void add_data(CLI::App& app, Action& action) {
  CLI::App& data = *app.add_subcommand("data", "Make, convert and look at data sets");
  data.require_subcommand(1);
  add_generate(data, action);
  add_convert(data, action);
  add_inspect(data, action);
}

// A mistake on the command line is the same on every rank: one of them says it.
int refuse(const std::string& mistake, const std::string& command = "trunkline") {
  if (is_first_process()) fmt::print(stderr, "error: {}; see `{} --help`\n", mistake, command);
  return static_cast<int>(ExitCode::kUsage);
}

std::string subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(subcommand->get_name());
  return fmt::format("{}", fmt::join(names, ", "));
}

int report(const CLI::App& app, const CLI::ParseError& error) {
  const bool asked = error.get_exit_code() == 0;  // --help, --version
  if (asked) {
    if (is_first_process()) app.exit(error);
    return static_cast<int>(ExitCode::kDone);
  }
  const CLI::App* last = &app;
  std::string command = app.get_name();
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    command += " " + last->get_name();
  }
  const bool incomplete = std::string(error.what()) == "A subcommand is required";
  return refuse(incomplete ? command + ": name one of " + subcommands_of(*last) : error.what(),
                command);
}

}  // namespace

int main(int argc, char** argv) {
  install_stop_signals();         // before anything else: a signal that comes earlier ends the job
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit is an error of that write, not the end
  CLI::App app{
      "Trains one shared model with many task heads, on any number of ranks.\n"
      "Under mpirun or srun it uses all ranks; started alone, one.",
      "trunkline"};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(0, 1);  // none is told below, so that an unknown one is named first
  app.failure_message(CLI::FailureMessage::simple);
  Action action;
  add_train(app, action);
  add_finetune(app, action);
  add_evaluate(app, action);
  add_predict(app, action);
  add_adapt(app, action);
  add_export(app, action);
  add_data(app, action);
  add_status(app, action);
  add_checkpoint(app, action);
  add_doctor(app, action);
  add_help(app, action);
  if (const auto mistake = unknown_command(app, {argv + 1, argv + argc})) return refuse(*mistake);
  try {
    app.parse(argc, argv);
    if (!action)
      throw CLI::RequiredError(
          "a command (train, finetune, evaluate, predict, adapt, export, data, status, checkpoint, "
          "doctor, help)");
  } catch (const CLI::ParseError& error) {
    return report(app, error);
  }
  return static_cast<int>(action());
}
