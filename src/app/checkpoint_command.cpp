#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/report/table.hpp"
#include "trunkline/store/checkpoint.hpp"
#include "trunkline/train/run_folder.hpp"
#include "trunkline/train/run_status.hpp"

namespace trunkline {
namespace {

struct CheckpointArguments {
  std::string run, json;
};

// What is wrong with a checkpoint; empty if nothing.
std::string problem_of(const CheckpointStatus& checkpoint) {
  try {
    CheckpointReader(checkpoint.path).verify();
    return "";
  } catch (const CheckpointError& error) {
    return error.what();
  }
}

std::vector<std::string> cells_of(const CheckpointStatus& checkpoint) {
  return {fmt::format("{}", checkpoint.step), format_bytes(static_cast<double>(checkpoint.bytes)),
          format_seconds(checkpoint.age_seconds)};
}

std::vector<CheckpointStatus> checkpoints_of(const std::string& run) {
  stored_config(run);  // says so where it is no run folder
  std::vector<CheckpointStatus> checkpoints = checkpoint_statuses(run);
  check<CheckpointError>(!checkpoints.empty(), "{}: the run has no checkpoint yet", run);
  return checkpoints;
}

ExitCode list(const CheckpointArguments& arguments) {
  const std::vector<CheckpointStatus> checkpoints = checkpoints_of(arguments.run);
  const std::optional<Best> best = stored_best(checkpoints);
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const CheckpointStatus& checkpoint : checkpoints) {
    const bool is_best = best && best->step == checkpoint.step;
    json.push_back(to_json(checkpoint));
    json.back()["best"] = is_best;
    rows.push_back(cells_of(checkpoint));
    rows.back().emplace_back(is_best ? "best" : "");
  }
  if (arguments.json != "-") std::cout << format_table({"step", "size", "age", ""}, rows);
  write_json(arguments.json, json);
  return ExitCode::kDone;
}

ExitCode verify(const CheckpointArguments& arguments) {
  bool good = true;
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const CheckpointStatus& checkpoint : checkpoints_of(arguments.run)) {
    const std::string problem = problem_of(checkpoint);
    good = good && problem.empty();
    json.push_back(to_json(checkpoint));
    json.back()["problem"] = problem;
    rows.push_back(cells_of(checkpoint));
    rows.back().push_back(problem.empty() ? "whole" : problem);
  }
  if (arguments.json != "-") std::cout << format_table({"step", "size", "age", "content"}, rows);
  write_json(arguments.json, json);
  return good ? ExitCode::kDone : ExitCode::kCheckpoint;
}

void add_one(CLI::App& checkpoint, Action& action, const std::string& name, const std::string& help,
             ExitCode (*run)(const CheckpointArguments&)) {
  auto arguments = std::make_shared<CheckpointArguments>();
  CLI::App& command = *checkpoint.add_subcommand(name, help);
  command.add_option("RUN", arguments->run, "run folder")->required();
  command.add_option("--json", arguments->json,
                     "write the list to this file (- for standard output)");
  command.callback([arguments, run, &action] {
    action = [arguments, run] { return run_alone([&] { return run(*arguments); }); };
  });
}

}  // namespace

void add_checkpoint(CLI::App& app, Action& action) {
  CLI::App& checkpoint = *app.add_subcommand("checkpoint", "Look at the checkpoints of a run");
  checkpoint.require_subcommand(1);
  add_one(checkpoint, action, "list", "Step, size and age of each, and which is the best", list);
  add_one(checkpoint, action, "verify",
          "Read everything and compare its hashes; exit code 4 if anything differs", verify);
}

}  // namespace trunkline
