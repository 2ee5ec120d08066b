// Which task a config and a target make, and what does not fit together.
#include <gtest/gtest.h>

#include "task_support.hpp"
#include "trunkline/model/task_kinds.hpp"

namespace trunkline {
namespace {

std::string kind_of(const FieldDescription& field) {
  return task_of(task_options(""), field)->kind();
}

TEST(MakeTask, InfersTheKindFromTheTarget) {
  FieldDescription field = target_field(DType::kF32, {3});
  EXPECT_EQ(kind_of(field), "regression");
  field.kind = "multilabel";
  EXPECT_EQ(kind_of(field), "multilabel");
  EXPECT_EQ(kind_of(target_field(DType::kU8, {}, 3)), "classification");
  EXPECT_EQ(kind_of(target_field(DType::kF32, {}, 3)), "classification");
  EXPECT_EQ(kind_of(target_field(DType::kBool)), "classification");
}

TEST(MakeTask, AsksForTheKindOfSeveralIntegersPerRow) {
  EXPECT_EQ(message_of<UsageError>([] { kind_of(target_field(DType::kU8, {3})); }),
            "tasks.t.kind: y has 3 integers per row, which may be a one-hot class, yes/no labels "
            "or quantities; set the key to one of classification, multilabel, regression, "
            "token_classification, dense_classification, dense_regression, reconstruction, "
            "clustering, few_shot");
}

int64_t outputs(const Task& task) { return task.parameters().back().shape[0]; }

TEST(MakeTask, CountsClassesByConfigFileAndShape) {
  TaskOptions options = task_options("classification");
  EXPECT_EQ(outputs(*task_of(options, target_field(DType::kI64, {}, 5))), 5);
  EXPECT_EQ(outputs(*task_of(options, target_field(DType::kU8, {7}))), 7);
  EXPECT_EQ(outputs(*task_of(options, target_field(DType::kBool))), 2);
  options.classes = 6;
  EXPECT_EQ(outputs(*task_of(options, target_field(DType::kI64))), 6);
}

template <class E>
std::string refusal(const TaskOptions& options, const FieldDescription& field) {
  return message_of<E>([&] { task_of(options, field); });
}

TEST(MakeTask, NamesBothNumbersOfClassesThatDisagree) {
  TaskOptions options = task_options("classification");
  FieldDescription field = target_field(DType::kI64, {}, 5);
  options.classes = 4;
  EXPECT_EQ(refusal<UsageError>(options, field),
            "tasks.t.classes: 4, but y has 5 classes in the file; leave the key out");
  field.class_names = {"a", "b"};
  EXPECT_EQ(refusal<DataError>(options, field),
            "y: num_classes says 5 classes, class_names names 2");
  EXPECT_EQ(refusal<DataError>(options, target_field(DType::kU8, {3}, 5)),
            "y: one-hot rows have 3 entries, but the file says 5 classes");
}

TEST(MakeTask, SaysWhatToSetAndWhatToLeaveOut) {
  TaskOptions options = task_options("classification");
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kI64)),
            "tasks.t: y does not say how many classes it has; set tasks.t.classes");
  options.loss.kind = "mae";
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kI64, {}, 3)),
            "tasks.t.loss: \"mae\" is for regression, this task is a classification");
  options = task_options("regression");
  options.loss.label_smoothing = 0.1;
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kF32)),
            "tasks.t.label_smoothing: only for kind: classification, this task is a regression");
  options.loss = {};
  options.loss.class_weights = {"balanced"};
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kF32)),
            "tasks.t.class_weights: only for kind: classification or multilabel, this task is a "
            "regression");
  options = task_options("multilabel");
  options.loss.standardize = true;
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kU8, {3})),
            "tasks.t.standardize: only for kind: regression, this task is a multilabel");
  options = task_options("regression", "none");
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kF32)),
            "tasks.t.missing: \"none\" is neither \"nan\" nor a number");
  options = task_options("regression");
  options.classes = 3;
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kF32)),
            "tasks.t.classes: only for kind: classification");
  FieldDescription depth = target_field(DType::kF32);
  depth.kind = "keypoints";
  EXPECT_EQ(refusal<UsageError>(task_options(""), depth),
            "tasks.t.kind: \"keypoints\" is none of classification, multilabel, regression, "
            "token_classification, dense_classification, dense_regression, reconstruction, "
            "clustering, few_shot; set the key");
}

TEST(MakeTask, BuildsTheHeadOfTheConfig) {
  TaskOptions options = task_options("regression");
  options.head.widths = {6, 5};
  const auto task = task_of(options, target_field(DType::kF32, {3}));
  std::string said;
  for (const ParameterSpec& spec : task->parameters())
    said += fmt::format("{}[{}] ", spec.name, spec.shape[0]);
  EXPECT_EQ(said,
            "hidden0.weight[6] hidden0.bias[6] hidden1.weight[5] hidden1.bias[5] out.weight[3] "
            "out.bias[3] ");
}

TEST(MakeTask, KnowsTheKindsThatItIsGiven) {
  TaskKinds kinds = standard_task_kinds();
  kinds.emplace_back("quantile", make_regression);
  const TaskOptions options = task_options("quantile");
  EXPECT_NE(make_task("t", options, target_field(DType::kF32), {.width = 4}, {}, kinds), nullptr);
  EXPECT_EQ(refusal<UsageError>(options, target_field(DType::kF32)),
            "tasks.t.kind: \"quantile\" is none of classification, multilabel, regression, "
            "token_classification, dense_classification, dense_regression, reconstruction, "
            "clustering, few_shot; set the key");
}

TEST(Predict, GivesClassesBitsOrNumbers) {
  const at::Tensor output = numbers({0, 2, 2, -1, 0, 1}, {2, 3});
  const auto predict = [&](const std::string& kind) {
    return task_of(task_options(kind), target_field(DType::kF32, {3}))->predict(output);
  };
  const Prediction classes = predict("classification");
  EXPECT_TRUE(classes.prediction.equal(integers({1, 2})));  // of equal scores the lowest class
  EXPECT_TRUE(classes.probability.sum(1).allclose(numbers({1, 1}, {2}), 1e-12));
  const Prediction bits = predict("multilabel");
  EXPECT_EQ(bits.prediction.scalar_type(), c10::kByte);
  EXPECT_TRUE(bits.prediction.equal(integers({0, 1, 1, 0, 0, 1}).reshape({2, 3}).to(c10::kByte)));
  EXPECT_EQ(bits.probability[0][0].item<double>(), 0.5);
  const Prediction values = predict("regression");
  EXPECT_TRUE(values.prediction.equal(output));
  EXPECT_FALSE(values.probability.defined());
}

}  // namespace
}  // namespace trunkline
