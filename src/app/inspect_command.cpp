#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <span>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/data/inspect.hpp"
#include "trunkline/report/table.hpp"

namespace trunkline {
namespace {

struct InspectArguments {
  std::string file, json;
};

constexpr std::size_t kShownNames = 20;

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

std::string classes_text(const DatasetReport& dataset) {
  std::string text = dataset.num_classes ? fmt::format("{}", *dataset.num_classes) : "";
  const std::span<const std::string> names = dataset.class_names;
  if (!names.empty())
    text += fmt::format(" {}", fmt::join(names.first(std::min(names.size(), kShownNames)), " "));
  return names.size() > kShownNames ? text + " ..." : text;
}

std::string storage_text(const DatasetReport& dataset) {
  std::string text = dataset.layout;
  if (!dataset.chunk.empty()) text += " " + shape_text(dataset.chunk);
  if (!dataset.filters.empty()) text += fmt::format(" {}", fmt::join(dataset.filters, "+"));
  return text;
}

void print_datasets(const FileReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const DatasetReport& dataset : report.datasets)
    rows.push_back(
        {dataset.path, shape_text(dataset.shape), dataset.type, storage_text(dataset),
         format_bytes(static_cast<double>(dataset.stored_bytes)), dataset.role, dataset.kind,
         classes_text(dataset),
         dataset.share_missing ? fmt::format("{:.1f}%", 100.0 * *dataset.share_missing) : ""});
  std::cout << format_table(
      {"data set", "shape", "type", "storage", "stored", "role", "kind", "classes", "missing"},
      rows);
}

void print_notes(const FileReport& report) {
  for (const SplitReport& split : report.splits)
    std::cout << fmt::format("split {}: {} rows ({})\n", split.name,
                             format_count(static_cast<double>(split.rows)), split.kind);
  for (const DatasetReport& dataset : report.datasets) {
    for (const std::string& warning : dataset.warnings)
      std::cout << fmt::format("warning: {}: {}\n", dataset.path, warning);
    if (!dataset.problem.empty())
      std::cout << fmt::format("problem: {}: {}\n", dataset.path, dataset.problem);
  }
  std::cout << (report.trainable() ? fmt::format("trainable: {} rows in {} groups of {}\n",
                                                 format_count(static_cast<double>(report.rows)),
                                                 report.groups, report.group_rows)
                                   : fmt::format("not trainable: {}\n", report.problem));
}

}  // namespace

void add_inspect(CLI::App& data, Action& action) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App& command =
      *data.add_subcommand("inspect", "What is in a file, and whether it can be trained on");
  command.add_option("FILE", arguments->file, "HDF5 file, or FILE#/GROUP")->required();
  command.add_option("--json", arguments->json,
                     "write the report to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_alone([&] {
        const FileReport report = inspect(arguments->file, std::make_shared<IoThread>());
        write_json(arguments->json, to_json(report));
        if (arguments->json != "-") {
          print_datasets(report);
          print_notes(report);
        }
        return report.trainable() ? ExitCode::kDone : ExitCode::kData;
      });
    };
  });
}

}  // namespace trunkline
