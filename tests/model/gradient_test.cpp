// Gradients of trunk, head and loss against central differences in double precision, and
// second-order gradients of the composition.
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

#include "small_model.hpp"
#include "trunkline/model/second_derivatives.hpp"
#include "trunkline/model/task.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {
namespace {

// A trunk and a head with dropout in both, and one batch of five rows, the fourth without label.
class SmallModel {
 public:
  SmallModel(const TrunkOptions& trunk, const std::vector<int64_t>& shape,
             const std::string& task_kind, const LossOptions& loss = {},
             const HeadOptions& head = {{6}, 0.3})
      : trunk_(make_trunk(trunk, shape)) {
    FieldDescription field;
    field.name = "y";
    field.dtype = DType::kF64;
    field.shape = {3};
    TaskOptions options;
    options.kind = task_kind;
    options.loss = loss;
    options.head = head;
    const ColumnStatistics statistics{{0.25, 0.5, 0.125}, {2, 0.5, 1.5}};
    task_ = make_task("t", options, field, trunk_->shape(), statistics);
    parameters = materialize(trunk_->parameters(), "trunk.");
    for (const at::Tensor& p : materialize(task_->parameters(), "heads.t."))
      parameters.push_back(p);
    std::vector<int64_t> rows = shape;
    rows.insert(rows.begin(), 5);
    x_ = noise("x", rows);
    const at::Tensor labels = numbers({1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0}, {5, 3});
    target_ =
        task_->target(batch_of({{"y", labels},
                                {"y_valid", at::tensor(std::vector<int64_t>{1, 1, 1, 0, 1})},
                                {"y_weight", at::tensor(std::vector<double>{1, 2, 0.5, 1, 1})}}),
                      c10::kDouble);
  }

  at::Tensor loss(const std::vector<at::Tensor>& p) const {
    const Context context = training({3, 1, 4, 15, 9});
    const Parameters all(p);
    const std::size_t split = trunk_->parameters().size();
    const TrunkOutput output = trunk_->forward(all.first(split), x_, context);
    return task_->loss_sum(task_->forward(all.subspan(split), output, context), target_);
  }

  std::vector<at::Tensor> parameters;

 private:
  std::unique_ptr<Trunk> trunk_;
  std::unique_ptr<Task> task_;
  at::Tensor x_;
  Target target_;
};

using Function = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

// The derivative of f along a direction in one of its arguments.
double central_difference(const Function& f, std::vector<at::Tensor> p, std::size_t i,
                          const at::Tensor& direction) {
  constexpr double kStep = 1e-6;
  const at::Tensor centre = p[i].detach();
  p[i] = centre.add(direction, kStep).requires_grad_();
  const double above = f(p).item<double>();
  p[i] = centre.sub(direction, kStep).requires_grad_();
  return (above - f(p).item<double>()) / (2 * kStep);
}

void expect_gradients(const Function& f, const std::vector<at::Tensor>& p) {
  const auto gradients = torch::autograd::grad({f(p)}, p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const at::Tensor direction = noise("direction" + std::to_string(i), p[i].sizes().vec());
    const double expected = central_difference(f, p, i, direction);
    const double found = gradients[i].mul(direction).sum().item<double>();
    EXPECT_NEAR(found, expected, 1e-6 * (1.0 + std::abs(expected))) << "parameter " << i;
  }
}

void expect_gradients(const SmallModel& model) {
  expect_gradients([&](const std::vector<at::Tensor>& p) { return model.loss(p); },
                   model.parameters);
}

TrunkOptions mlp(const std::string& activation = "tanh") {
  TrunkOptions o;
  o.widths = {8, 5};
  o.norm = "layer";
  o.activation = activation;
  o.dropout = 0.2;
  return o;
}

TEST(Gradient, OfAnMlpWithEachActivationIsTheDifferenceQuotient) {
  for (const char* activation : {"relu", "gelu", "silu", "tanh"})
    expect_gradients(SmallModel(mlp(activation), {4}, "classification"));
}

TEST(Gradient, OfAConvnetIsTheDifferenceQuotient) {
  TrunkOptions o;
  o.kind = "convnet";
  o.channels = {4, 6};
  o.norm = "group";
  o.dropout = 0.2;
  expect_gradients(SmallModel(o, {2, 6, 6}, "classification"));
}

TEST(Gradient, OfLenetIsTheDifferenceQuotient) {
  TrunkOptions o;
  o.kind = "lenet";
  o.dropout = 0.5;
  expect_gradients(SmallModel(o, {1, 28, 28}, "classification"));
}

TEST(Gradient, OfAResnetIsTheDifferenceQuotient) {
  TrunkOptions o;
  o.kind = "resnet18";
  o.base_width = 4;
  o.groups = 2;
  o.dropout = 0.2;
  expect_gradients(SmallModel(o, {2, 8, 8}, "classification"));
}

TEST(Gradient, OfATransformerOnPatchesIsTheDifferenceQuotient) {
  TrunkOptions o;
  o.kind = "transformer";
  o.activation = "gelu";
  o.dropout = 0.2;
  o.transformer = {.width = 8, .heads = 2, .pooling = "cls", .patch = 3};
  expect_gradients(SmallModel(o, {2, 6, 6}, "classification"));
}

TEST(Gradient, OfExpertsAndAdaptersIsTheDifferenceQuotient) {
  HeadOptions head{{6}, 0.3};
  for (const char* kind : {"mmoe", "cgc", "ple"}) {
    TrunkOptions o = mlp();
    o.kind = kind;
    o.experts = 2;
    head.adapter = 3;
    expect_gradients(SmallModel(o, {4}, "classification", {}, head));
  }
}

LossOptions loss(const std::string& kind, bool standardize = false) {
  LossOptions options;
  options.kind = kind;
  options.standardize = standardize;
  options.huber_delta = 0.4;  // some errors of the batch lie on either side
  options.quantiles = {0.1, 0.5, 0.8};
  return options;
}

LossOptions weighted(const std::string& kind, double smoothing = 0.0) {
  LossOptions options = loss(kind);
  options.class_weights = {"2", "0.5", "3"};
  options.label_smoothing = smoothing;
  return options;
}

TEST(Gradient, OfEachClassificationLossIsTheDifferenceQuotient) {
  expect_gradients(SmallModel(mlp(), {4}, "classification", weighted("cross_entropy", 0.1)));
  expect_gradients(SmallModel(mlp(), {4}, "classification", weighted("focal")));
  expect_gradients(SmallModel(mlp(), {4}, "multilabel"));
  expect_gradients(SmallModel(mlp(), {4}, "multilabel", weighted("")));
}

TEST(Gradient, OfEachRegressionLossIsTheDifferenceQuotient) {
  for (const char* kind : {"mse", "mae", "huber", "quantile", "gaussian"})
    for (const bool standardize : {false, true})
      expect_gradients(SmallModel(mlp(), {4}, "regression", loss(kind, standardize)));
}

// One inner step of gradient descent, then the loss: what meta-learning differentiates.
void expect_gradients_after_a_step(const SmallModel& model) {
  expect_gradients(
      [&](const std::vector<at::Tensor>& p) {
        std::vector<at::Tensor> q = p;
        const auto g = torch::autograd::grad({model.loss(p)}, p, {}, true, /*create_graph=*/true);
        for (std::size_t i = 0; i < q.size(); ++i) q[i] = q[i].sub(g[i], 0.05);
        return model.loss(q);
      },
      model.parameters);
}

TEST(Gradient, OfALossAfterOneStepIsTheDifferenceQuotient) {
  const std::vector<std::pair<const char*, LossOptions>> losses = {
      {"classification", {}},
      {"classification", weighted("focal")},
      {"multilabel", {}},
      {"regression", {}},
      {"regression", loss("huber")},
      {"regression", loss("gaussian", true)}};
  for (const auto& [kind, loss] : losses)
    expect_gradients_after_a_step(SmallModel(mlp(), {4}, kind, loss));
}

// Own kernels without second derivatives step aside: the pooling of a convnet and of LeNet.
TEST(Gradient, OfATrunkOfConvolutionsAfterOneStepIsTheDifferenceQuotient) {
  const SecondDerivatives second;
  TrunkOptions o;
  o.kind = "convnet";
  o.channels = {4, 6};
  o.norm = "group";
  o.activation = "tanh";
  expect_gradients_after_a_step(SmallModel(o, {2, 6, 6}, "classification"));
  o = {};
  o.kind = "lenet";
  expect_gradients_after_a_step(SmallModel(o, {1, 28, 28}, "classification"));
}

}  // namespace
}  // namespace trunkline
