// TorchScript: modules made in Python as trunks, and models of ours as modules for Python. All that
// knows of torch::jit stands behind this header and make_torchscript().
#pragma once

#include <ATen/core/TensorBody.h>

#include <functional>
#include <string>

#include "trunkline/core/keys.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

using NamedTensors = OrderedMap<at::Tensor>;

/// Parameters of a module that torch.jit saved, named "trunk.NAME", in its order.
/// @throws UsageError for a file that is no such module
NamedTensors torchscript_parameters(const std::string& file);

/// A function of one tensor that is to become a module.
struct ModuleFunction {
  NamedTensors parameters;  ///< "trunk.conv1.weight" becomes that parameter of the module
  at::Tensor example;       ///< an input of two rows
  /// Calls ATen on parameters and input, without control flow that depends on either. What it takes
  /// the sizes of rows for is fixed in the module.
  std::function<NamedTensors(const at::Tensor&)> outputs;
  const Trunk* trunk = nullptr;  ///< that `outputs` calls: one of kind torchscript stays a module
};

/// The bytes of a .pt file whose forward(x) gives a dictionary of outputs; torch.jit.load reads it.
/// Names that are words of the language get a "_" behind them. What was made is read back and
/// compared with the function, on one row and on three.
/// @param notes files inside it, which torch.jit.load(…, _extra_files) gives
std::string to_torchscript(const ModuleFunction& function, const OrderedMap<std::string>& notes);

}  // namespace trunkline
