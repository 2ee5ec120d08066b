// Optimizers against torch.optim, step by step.
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "optim/golden.hpp"
#include "optim/slices.hpp"
#include "trunkline/optim/optimizer.hpp"

namespace trunkline {
namespace {

OptimizerOptions options_of(const nlohmann::json& run) {
  const nlohmann::json& params = run.at("params");
  OptimizerOptions options;
  options.kind = run.at("optimizer");
  options.lr = params.at("lr");
  options.weight_decay = params.at("weight_decay").get<double>();
  options.momentum = params.value("momentum", 0.0);
  options.dampening = params.value("dampening", 0.0);
  options.nesterov = params.value("nesterov", false);
  if (params.contains("betas")) {
    options.beta1 = params["betas"][0];
    options.beta2 = params["betas"][1];
    options.eps = params["eps"];
  }
  return options;
}

// The golden vectors are shorter than a SIMD register: repeated, they pass through the vectorised
// body of the kernels as well as through its remainder.
constexpr int64_t kRepeats = 7;

at::Tensor repeated(const std::vector<double>& values, c10::ScalarType type) {
  return tensor_of(values, type).repeat({kRepeats});
}

void expect_near(const at::Tensor& found, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(found.numel() % static_cast<int64_t>(expected.size()), 0);
  for (int64_t i = 0; i < found.numel(); ++i)
    EXPECT_NEAR(found[i].item<double>(), expected[static_cast<std::size_t>(i) % expected.size()],
                tolerance)
        << "at " << i;
}

at::Tensor copy_of(const NamedView& view, c10::ScalarType type) {
  const at::Tensor copy = at::empty(view.shape, at::TensorOptions(type));
  std::copy(view.bytes.begin(), view.bytes.end(), static_cast<std::byte*>(copy.data_ptr()));
  return copy;
}

struct Precision {
  const char* name;
  c10::ScalarType type;
  double tolerance;
};

void PrintTo(const Precision& precision, std::ostream* out) { *out << precision.name; }

class OptimizerGolden : public testing::TestWithParam<Precision> {};

TEST_P(OptimizerGolden, ParametersFollowTorch) {
  const nlohmann::json golden = golden_optim();
  for (const nlohmann::json& run : golden["runs"]) {
    SCOPED_TRACE(run["optimizer"].get<std::string>() + " " + run["params"].dump());
    const Slice slice = whole_slice("trunk", repeated(golden["x0"], GetParam().type));
    const auto optimizer = make_optimizer(options_of(run), {slice});
    for (std::size_t k = 0; k < run["x"].size(); ++k) {
      slice.gradient.copy_(repeated(golden["grads"][k], GetParam().type));
      optimizer->step(run["params"]["lr"], 1.0, {true});
      expect_near(slice.parameters, run["x"][k], GetParam().tolerance);
    }
  }
}

TEST_P(OptimizerGolden, MomentsFollowTorch) {
  const nlohmann::json golden = golden_optim();
  for (const nlohmann::json& run : golden["runs"]) {
    SCOPED_TRACE(run["optimizer"].get<std::string>() + " " + run["params"].dump());
    const Slice slice = whole_slice("trunk", repeated(golden["x0"], GetParam().type));
    const auto optimizer = make_optimizer(options_of(run), {slice});
    for (const nlohmann::json& gradient : golden["grads"]) {
      slice.gradient.copy_(repeated(gradient, GetParam().type));
      optimizer->step(run["params"]["lr"], 1.0, {true});
    }
    nlohmann::json expected = run["final_state"];
    expected.erase("step");
    const State state = optimizer->state();
    ASSERT_EQ(state.tensors.size(), expected.size() + 1);
    EXPECT_EQ(copy_of(state.tensors[0], at::kLong).item<int64_t>(), 5);
    for (std::size_t i = 1; i < state.tensors.size(); ++i) {
      const std::string moment = state.tensors[i].name.substr(sizeof("trunk.weight.") - 1);
      expect_near(copy_of(state.tensors[i], GetParam().type), expected.at(moment),
                  GetParam().tolerance);
    }
  }
}

// With sgd at rate 1 the parameters move by exactly the clipped gradient.
TEST_P(OptimizerGolden, ClippingFollowsTorch) {
  for (const nlohmann::json& clip : golden_optim()["clip_grad_norm"]) {
    std::vector<Slice> slices;
    for (const nlohmann::json& gradient : clip["grads"]) {
      const at::Tensor values = tensor_of(gradient, GetParam().type);
      slices.push_back(
          whole_slice("heads." + std::to_string(slices.size()), at::zeros_like(values)));
      slices.back().gradient.copy_(values);
    }
    const auto optimizer = make_optimizer({.kind = "sgd"}, slices);
    const double factor = clip["max_norm"].get<double>() / (clip["norm"].get<double>() + 1e-6);
    optimizer->step(1.0, std::min(1.0, factor), {true, true});
    for (std::size_t i = 0; i < slices.size(); ++i)
      expect_near(slices[i].parameters.neg(), clip["clipped"][i], GetParam().tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, OptimizerGolden,
                         testing::Values(Precision{"float64", at::kDouble, 1e-12},
                                         Precision{"float32", at::kFloat, 1e-6}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace trunkline
