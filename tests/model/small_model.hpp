// What the tests of the model room share: tensors from numbers, parameters from specs, batches.
#pragma once

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "trunkline/core/batch.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/model/context.hpp"
#include "trunkline/model/parameter.hpp"

namespace trunkline {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

inline at::Tensor numbers(const std::vector<double>& values, std::vector<int64_t> shape) {
  return at::tensor(values, c10::TensorOptions(c10::kDouble)).reshape(shape);
}

/// Standard normal numbers that depend on the name alone.
inline at::Tensor noise(const std::string& name, const std::vector<int64_t>& shape,
                        c10::ScalarType type = c10::kDouble) {
  const at::Tensor tensor = at::empty(shape, type);
  initialize(tensor, {Init::Kind::kNormal, 1.0}, name, 7);
  return tensor;
}

/// Initial values of all specs, ready for gradients.
inline std::vector<at::Tensor> materialize(const std::vector<ParameterSpec>& specs,
                                           const std::string& owner,
                                           c10::ScalarType type = c10::kDouble) {
  std::vector<at::Tensor> parameters;
  for (const ParameterSpec& spec : specs) {
    at::Tensor tensor = at::empty(spec.shape, type);
    initialize(tensor, spec.init, owner + spec.name, 1);
    parameters.push_back(tensor.requires_grad_());
  }
  return parameters;
}

/// While training, with rows that stand for these samples.
inline Context training(const std::vector<int64_t>& samples, int64_t step = 0) {
  return {true, 1, step, {{name_key("source"), at::tensor(samples)}}};
}

/// A batch of source "shapes" whose rows are file rows 300, 301, …
inline Batch batch_of(std::map<std::string, at::Tensor> fields) {
  std::vector<int64_t> slots, samples;
  for (int64_t i = 0; i < fields.begin()->second.size(0); ++i) {
    slots.push_back(i);
    samples.push_back(300 + i);
  }
  return {"shapes", 0, at::tensor(slots), at::tensor(samples), std::move(fields)};
}

/// What an expression throws, as text; empty if it throws nothing.
template <class E, class F>
std::string message_of(F&& expression) {
  try {
    expression();
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

}  // namespace trunkline
