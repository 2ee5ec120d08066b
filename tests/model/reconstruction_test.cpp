// A reconstruction: its target is the prepared input, its predictions are in the input's units.
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include "task_support.hpp"

namespace trunkline {
namespace {

FieldDescription input_field(std::vector<int64_t> shape) {
  FieldDescription field;
  field.name = "x";
  field.shape = std::move(shape);
  return field;
}

std::unique_ptr<Task> reconstruction(const FieldDescription& field, const std::string& loss = "",
                                     const ColumnStatistics& statistics = {}) {
  TaskOptions options = task_options("reconstruction");
  options.source = "s";
  options.loss.kind = loss;
  return make_task("t", options, field, {.width = 4}, statistics);
}

TEST(Reconstruction, TargetIsThePreparedInput) {
  FieldDescription field = input_field({2, 1, 3});  // height, width, channels
  field.layout = "hwc";
  field.scale = {0.5};
  const auto task = reconstruction(field);
  const at::Tensor x = numbers({0, 1, 2, 3, 4, 5}, {1, 2, 1, 3});
  const Target target = task->target(batch_of({{"x", x}}), c10::kDouble);
  EXPECT_TRUE(target.values.equal(numbers({0, 1.5, 0.5, 2, 1, 2.5}, {1, 6})));
  EXPECT_EQ(task->count(target).weight, 6.0);
  EXPECT_EQ(task->parameters().back().shape[0], 6);
  EXPECT_EQ(task->predict(target.values).prediction.sizes(), at::IntArrayRef({1, 3, 2, 1}));
}

TEST(Reconstruction, MeasuresOnTheScaleOfItsLoss) {
  const auto task = reconstruction(input_field({2}), "", {{1.0, 2.0}, {2.0, 4.0}});
  const Target target =
      task->target(batch_of({{"x", numbers({3, 2, 1, -2}, {2, 2})}}), c10::kDouble);
  EXPECT_TRUE(target.values.equal(numbers({1, 0, 0, -1}, {2, 2})));
  const at::Tensor output = numbers({1, 0, 0, 1}, {2, 2});
  const auto metric = task->metric(), merged = task->metric();
  metric->add(output, target);
  merged->merge(metric->state());
  const auto values = values_of(*merged);
  EXPECT_EQ(values.at("mse"), 1.0);
  EXPECT_EQ(values.at("mae"), 0.5);
  EXPECT_EQ(values.at("loss"), task->loss_sum(output, target).item<double>() / 4.0);
  EXPECT_TRUE(task->predict(output).prediction.equal(numbers({3, 2, 1, 6}, {2, 2})));
}

TEST(Reconstruction, OfNumbersBetweenZeroAndOneMayBeBinary) {
  const auto task = reconstruction(input_field({2}), "bce");
  const Target target = task->target(batch_of({{"x", numbers({0, 0.5}, {1, 2})}}), c10::kDouble);
  const at::Tensor output = at::zeros({1, 2}, c10::kDouble);
  EXPECT_NEAR(task->loss_sum(output, target).item<double>(), 2.0 * std::log(2.0), 1e-12);
  EXPECT_TRUE(task->predict(output).prediction.equal(numbers({0.5, 0.5}, {1, 2})));
  const auto metric = task->metric();
  metric->add(output, target);
  EXPECT_EQ(values_of(*metric).at("mse"), 0.125);
}

TEST(Reconstruction, SaysWhatDoesNotFit) {
  EXPECT_EQ(message_of<UsageError>([] {
              reconstruction(input_field({2}), "bce", {{1.0, 2.0}, {2.0, 4.0}});
            }),
            "tasks.t.loss: bce needs inputs from 0 to 1, but sources.s.normalize moves them to "
            "mean 0; set loss: mse, or leave normalize out");
  const auto refusal = [](const std::string& loss, double bad) {
    const auto task = reconstruction(input_field({2}), loss);
    return message_of<DataError>([&] {
      task->target(batch_of({{"x", numbers({0, 1, 1, bad}, {2, 2})}}), c10::kDouble);
    });
  };
  EXPECT_EQ(refusal("bce", 7),
            "source shapes: x: 7 at row 301; tasks.t reconstructs numbers from 0 to 1 with loss: "
            "bce; mend the file, e.g. by its attribute scale, or set loss: mse");
  EXPECT_EQ(refusal("mse", kNan),
            "source shapes: x: nan at row 301; tasks.t reconstructs finite numbers; mend the file");
  EXPECT_EQ(refusal("mse", 7), "");
}

}  // namespace
}  // namespace trunkline
