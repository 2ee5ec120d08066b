#include <fmt/format.h>

#include <iostream>

#include "command.hpp"
#include "program.hpp"
#include "trunkline/data/generate_shapes.hpp"
#include "written_file.hpp"

namespace trunkline {
namespace {

struct GenerateArguments {
  std::string output, json;
  ShapesOptions shapes;
};

void add_shapes(CLI::App& generate, Action& action) {
  auto arguments = std::make_shared<GenerateArguments>();
  ShapesOptions& shapes = arguments->shapes;
  CLI::App& command = *generate.add_subcommand(
      "shapes",
      "Pictures of one textured shape each: classification, regression and multilabel targets");
  command.add_option("OUT", arguments->output, "HDF5 file to write")->required();
  command.add_option("--rows", shapes.rows, "pictures over train, valid and test (8:1:1)")
      ->capture_default_str();
  command.add_option("--size", shapes.size, "pixels per side, 8 to 512")->capture_default_str();
  command.add_option("--seed", shapes.seed, "picture r depends on seed, r and size alone")
      ->capture_default_str();
  command
      .add_option("--missing", shapes.missing, "share of rows without shape and position labels")
      ->capture_default_str();
  command.add_flag("--dense", shapes.dense,
                   "labels per pixel too: mask (class) and distance (to the nearest outline)");
  command.add_flag("--sorted", shapes.sorted,
                   "rows by class, as many files are: the worst order to train on");
  command
      .add_option("--chunks", shapes.chunks, "row, or auto (split along every axis, slow to read)")
      ->check(CLI::IsMember({"row", "auto"}))
      ->capture_default_str();
  command.add_flag("--gzip", shapes.gzip, "compress");
  command.add_flag("--force", shapes.force, "replace OUT");
  command.add_option("--json", arguments->json,
                     "write rows, bytes and seconds to this file (- for standard output)");
  command.callback([arguments, &action] {
    action = [arguments] {
      return run_alone([&] {
        const WriteSummary summary =
            generate_shapes(arguments->output, arguments->shapes, std::make_shared<IoThread>());
        return tell_written(arguments->output, summary, arguments->json);
      });
    };
  });
}

}  // namespace

void add_generate(CLI::App& data, Action& action) {
  CLI::App& generate = *data.add_subcommand("generate", "Make a synthetic data set");
  generate.require_subcommand(1);
  add_shapes(generate, action);
}

}  // namespace trunkline
