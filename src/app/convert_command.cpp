#include "command.hpp"
#include "program.hpp"
#include "trunkline/data/convert.hpp"
#include "written_file.hpp"

namespace trunkline {
namespace {

struct ConvertArguments {
  std::string folder, output, json;
  MultiMnistOptions multi_mnist;
  bool force = false;
};

using Converter = WriteSummary (*)(const ConvertArguments&, const std::shared_ptr<IoThread>&);

CLI::App& add_converter(CLI::App& convert, Action& action, const std::string& name,
                        const std::string& help, const std::shared_ptr<ConvertArguments>& arguments,
                        Converter converter) {
  CLI::App& command = *convert.add_subcommand(name, help);
  command.add_option("DIR", arguments->folder, "folder with the four idx or idx.gz files")
      ->required();
  command.add_option("OUT", arguments->output, "HDF5 file to write")->required();
  command.add_flag("--force", arguments->force, "replace OUT");
  command.add_option("--json", arguments->json,
                     "write rows, bytes and seconds to this file (- for standard output)");
  command.callback([arguments, converter, &action] {
    action = [arguments, converter] {
      return run_alone([&] {
        const WriteSummary summary = converter(*arguments, std::make_shared<IoThread>());
        return tell_written(arguments->output, summary, arguments->json);
      });
    };
  });
  return command;
}

WriteSummary mnist_idx(const ConvertArguments& arguments, const std::shared_ptr<IoThread>& io) {
  return convert_mnist_idx(arguments.folder, arguments.output, arguments.force, io);
}

WriteSummary multi_mnist(const ConvertArguments& arguments, const std::shared_ptr<IoThread>& io) {
  MultiMnistOptions options = arguments.multi_mnist;
  options.force = arguments.force;
  return convert_multi_mnist(arguments.folder, arguments.output, options, io);
}

}  // namespace

void add_convert(CLI::App& data, Action& action) {
  CLI::App& convert = *data.add_subcommand("convert", "Turn a published data set into HDF5");
  convert.require_subcommand(1);
  add_converter(convert, action, "mnist-idx",
                "MNIST, Fashion-MNIST and others in idx form: groups train, test",
                std::make_shared<ConvertArguments>(), mnist_idx);
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App& multi =
      add_converter(convert, action, "multi-mnist", "Two overlaid digits per picture, two tasks",
                    arguments, multi_mnist);
  MultiMnistOptions& options = arguments->multi_mnist;
  multi.add_option("--seed", options.seed, "which digits are paired")->capture_default_str();
  multi.add_option("--right", options.right,
                   "folder of the right pictures, e.g. of Fashion-MNIST; none: those of DIR");
  multi.add_option("--side", options.side, "28: the canvas of 36 pixels reduced; 36: all of it")
      ->capture_default_str();
  add_convert_csv(convert, action);
}

}  // namespace trunkline
