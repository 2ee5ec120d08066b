#include <fmt/format.h>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/data/convert_csv.hpp"
#include "written_file.hpp"

namespace trunkline {
namespace {

struct CsvArguments {
  std::string input, output, json, delimiter = ",";
  CsvOptions options;
};

// An option that may be given several times, with one value each, so that it ends before IN and
// OUT.
void add_list(CLI::App& command, const std::string& name, std::vector<std::string>& list,
              const std::string& help) {
  command.add_option(name, list, help)->allow_extra_args(false);
}

ExitCode convert(CsvArguments arguments) {
  const std::string& delimiter = arguments.delimiter;
  arguments.options.delimiter = delimiter == "tab" ? '\t' : delimiter.front();
  const CsvSummary summary = convert_csv(arguments.input, arguments.output, arguments.options,
                                         std::make_shared<IoThread>());
  for (const std::string& note : summary.notes) fmt::print(stderr, "{}\n", note);
  return tell_written(arguments.output, summary.written, arguments.json);
}

void add_columns(CLI::App& command, CsvOptions& options) {
  add_list(
      command, "--target", options.targets,
      "COLUMN[:classification|regression], or NAME=COLUMN,COLUMN:regression|multilabel; may be "
      "given several times");
  add_list(command, "--drop", options.drop, "column to leave out; may be given several times");
  add_list(command, "--missing", options.missing,
           "cell that means \"no value\", beside empty ones; may be given several times");
  command.add_option("--fill", options.fill, "number for missing inputs; none: they are an error");
  command
      .add_option("--text", options.text, "what becomes of inputs that are text: one-hot or codes")
      ->check(CLI::IsMember({"one-hot", "codes"}))
      ->capture_default_str();
  command.add_option("--like", options.like,
                     "HDF5 file, converted with --text codes, whose codes and classes are used "
                     "again; a value that it does not have becomes code 0");
}

}  // namespace

void add_convert_csv(CLI::App& convert_commands, Action& action) {
  auto arguments = std::make_shared<CsvArguments>();
  CsvOptions& options = arguments->options;
  CLI::App& command = *convert_commands.add_subcommand(
      "csv", "A table: columns of numbers and text to the input x and targets");
  command.add_option("IN", arguments->input, "CSV file, plain or gzipped, with a line of names")
      ->required();
  command.add_option("OUT", arguments->output, "HDF5 file to write")->required();
  add_columns(command, options);
  command.add_option("--split", options.split, "groups of rows, e.g. train=0.8,valid=0.2");
  command.add_option("--seed", options.seed, "which rows fall into which group")
      ->capture_default_str();
  command.add_option("--delimiter", arguments->delimiter, "between fields: one character, or tab")
      ->check([](const std::string& text) {
        return text.size() == 1 || text == "tab" ? "" : "expected one character, or tab";
      })
      ->capture_default_str();
  command.add_flag("--force", options.force, "replace OUT");
  command.add_option("--json", arguments->json,
                     "write rows, bytes and seconds to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] { return run_alone([&] { return convert(*arguments); }); };
  });
}

}  // namespace trunkline
