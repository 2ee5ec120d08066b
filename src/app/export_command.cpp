#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/learn/export.hpp"
#include "trunkline/report/table.hpp"

namespace trunkline {
namespace {

struct ExportArguments {
  ExportRequest request;
  std::string json;
};

// What a program that loads the file has to give and gets.
void tell(const nlohmann::json& notes) {
  fmt::print("{}: step {}, {} parameters, {} bytes\n", notes["file"].get<std::string>(),
             notes["step"].get<int64_t>(), format_count(notes["parameters"].get<double>()),
             format_count(notes["bytes"].get<double>()));
  if (!notes.contains("outputs")) return;
  for (const auto& [source, input] : notes["inputs"].items())
    fmt::print("input: {} of source {}, {} (n{}), as the files hold it\n",
               input["name"].get<std::string>(), source, input["dtype"].get<std::string>(),
               fmt::join(
                   [&] {
                     std::vector<std::string> extents;
                     for (const auto& extent : input["row_shape"])
                       extents.push_back(fmt::format(", {}", extent.get<int64_t>()));
                     return extents;
                   }(),
                   ""));
  fmt::print("output: a dictionary of {}\n",
             fmt::join(notes["outputs"].get<std::vector<std::string>>(), ", "));
}

ExitCode export_command(const ExportArguments& arguments, Ranks& ranks) {
  const nlohmann::json notes =
      export_run(arguments.request, ranks, make_logger({ranks.rank(), false, ""}));
  if (ranks.rank() != 0) return ExitCode::kDone;
  if (arguments.json != "-") tell(notes);
  write_json(arguments.json, notes);
  return ExitCode::kDone;
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App& command = *app.add_subcommand(
      "export", "Write a trained model for other programs: safetensors, or TorchScript");
  ExportRequest& request = arguments->request;
  command.add_option("RUN", request.run, "run folder")->required();
  command.add_option("--output", request.output, "FILE.safetensors, or FILE.pt for torch.jit.load")
      ->required();
  command.add_option("--task", request.task, "this task of the run alone; default: all");
  command.add_option("--checkpoint", request.checkpoint,
                     "step of the checkpoint; default: the best, else the newest");
  command.add_flag("--force", request.force, "replace the output");
  command.add_option("--json", arguments->json,
                     "write a summary to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_on_ranks([&](Ranks& ranks, const std::shared_ptr<IoThread>&) {
        return export_command(*arguments, ranks);
      });
    };
  });
}

}  // namespace trunkline
