// Losses are sums over valid elements times row weight.
#include <gtest/gtest.h>

#include "task_support.hpp"

namespace trunkline {
namespace {

struct LossCase {
  std::string name, kind, loss;
  double expected;  // by hand from the outputs, labels and weights below
};

// Two rows of two outputs; the second entry (for classification: the second row) has no label.
class LossTest : public testing::TestWithParam<LossCase> {
 protected:
  std::unique_ptr<Task> make() const {
    TaskOptions options = task_options(GetParam().kind);
    options.loss.kind = GetParam().loss;
    return task_of(options, target_field(DType::kF64, {2}));
  }
  Batch batch() const {
    const bool classes = GetParam().kind == "classification";
    return batch_of(
        {{"y", numbers({1, 0, 1, 0}, {2, 2})},
         {"y_valid", classes ? integers({1, 0}) : integers({1, 0, 1, 1}).reshape({2, 2})},
         {"y_weight", numbers({2, 3}, {2})}});
  }
  at::Tensor output_ = numbers({0.5, -1, 2, 1}, {2, 2}).requires_grad_();
};

TEST_P(LossTest, IsTheSumOfValidElementsTimesRowWeight) {
  const auto task = make();
  const Target target = task->target(batch(), c10::kDouble);
  EXPECT_NEAR(task->loss_sum(output_, target).item<double>(), GetParam().expected, 1e-12);
}

TEST_P(LossTest, CountsWhatItSums) {
  const auto task = make();
  const Task::Count count = task->count(task->target(batch(), c10::kDouble));
  const bool classes = GetParam().kind == "classification";
  EXPECT_EQ(count.valid, classes ? 1 : 3);
  EXPECT_EQ(count.weight, classes ? 2 : 2 + 3 + 3);
}

TEST_P(LossTest, GivesMissingLabelsAGradientOfExactlyZero) {
  const auto task = make();
  task->loss_sum(output_, task->target(batch(), c10::kDouble)).backward();
  const at::Tensor g = output_.grad();
  if (GetParam().kind == "classification")
    EXPECT_EQ(g[1].abs().max().item<double>(), 0.0);
  else
    EXPECT_EQ(g[0][1].item<double>(), 0.0);
  EXPECT_NE(g[0][0].item<double>(), 0.0);
}

TEST_P(LossTest, IsZeroWithAGradientForABatchWithoutRows) {
  const auto task = make();
  const at::Tensor none = noise("none", {0, 2}, c10::kFloat).requires_grad_();
  const at::Tensor loss = task->loss_sum(none, task->target({"s", 0, {}, {}, {}}, c10::kFloat));
  loss.backward();
  EXPECT_EQ(loss.item<double>(), 0.0);
  EXPECT_EQ(loss.scalar_type(), c10::kFloat);
  EXPECT_EQ(none.grad().sizes(), at::IntArrayRef({0, 2}));
}

double softplus(double z) { return std::log1p(std::exp(z)); }

INSTANTIATE_TEST_SUITE_P(
    Kinds, LossTest,
    testing::Values(LossCase{"cross_entropy", "classification", "", 2 * softplus(-1.5)},
                    LossCase{"binary_cross_entropy", "multilabel", "",
                             2 * softplus(-0.5) + 3 * (softplus(-2) + softplus(1))},
                    LossCase{"squared_error", "regression", "", 2 * 0.25 + 3 * (1.0 + 1.0)},
                    LossCase{"absolute_error", "regression", "mae", 2 * 0.5 + 3 * (1.0 + 1.0)}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace trunkline
