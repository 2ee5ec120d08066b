#include "prediction_options.hpp"

namespace trunkline {

void add_prediction_options(CLI::App& command, PredictRequest& request) {
  command.add_option("--input", request.input, "HDF5 file, or FILE#/GROUP, to predict")->required();
  command.add_option("--output", request.output, "HDF5 file with row, prediction and probability")
      ->capture_default_str();
  command.add_option("--split", request.split, "train, valid or test, where the input has splits")
      ->check(CLI::IsMember({"train", "valid", "test"}));
  command.add_flag("--force", request.force, "replace the output");
}

}  // namespace trunkline
