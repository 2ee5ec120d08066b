// A class or numbers per pixel: the decoder, what counts, what is summed, what is predicted, what
// does not fit.
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "task_support.hpp"
#include "trunkline/model/confusion_matrix.hpp"
#include "trunkline/model/label_statistics.hpp"

namespace trunkline {
namespace {

const TrunkShape kMaps{.width = 4, .maps = {4, 1, 1}, .input = {2, 3, 2}};

FieldDescription mask(std::vector<int64_t> shape = {2, 2}) {
  FieldDescription field = target_field(DType::kI8, std::move(shape), 3);
  field.kind = "dense_classification";
  field.ignore_value = -1;
  return field;
}

FieldDescription depth(std::vector<int64_t> shape = {2, 2}) {
  FieldDescription field = target_field(DType::kF32, std::move(shape));
  field.kind = "dense_regression";
  return field;
}

std::unique_ptr<Task> task(const FieldDescription& field,
                           const TaskOptions& options = task_options(""),
                           const TrunkShape& trunk = kMaps) {
  return make_task("t", options, field, trunk);
}

// Two pictures of 2x2 pixels; the first weighs double, one pixel has no label.
Batch masks() {
  return batch_of({{"y", integers({0, 1, 2, 1, 0, -1, 2, 2}).reshape({2, 2, 2})},
                   {"y_weight", numbers({2, 1}, {2})}});
}

// Logits (2, 3, 2, 2) whose largest are at classes 0 1 1 1, 0 2 2 0.
at::Tensor logits() {
  const at::Tensor classes = integers({0, 1, 1, 1, 0, 2, 2, 0}).reshape({2, 1, 2, 2});
  const at::Tensor peaks = at::zeros({2, 3, 2, 2}, c10::kDouble).scatter(1, classes, 2.0);
  return peaks.add(noise("logits", {2, 3, 2, 2}), 0.1);
}

TEST(DenseClassification, SumsTheLossOfLabelledPixelsWithTheWeightOfTheirRow) {
  const auto t = task(mask());
  const Target target = t->target(masks(), c10::kDouble);
  EXPECT_EQ(t->count(target).valid, 7);
  EXPECT_EQ(t->count(target).weight, 2 * 4 + 3);
  const at::Tensor log_p = at::log_softmax(logits(), 1), labels = masks().fields.at("y");
  double expected = 0.0;
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t row = i / 4, y = i / 2 % 2, x = i % 2;
    const auto label = labels[row][y][x].item<int64_t>();
    if (label >= 0) expected -= (row == 0 ? 2 : 1) * log_p[row][label][y][x].item<double>();
  }
  EXPECT_NEAR(t->loss_sum(logits(), target).item<double>(), expected, 1e-12);
}

TEST(DenseClassification, MeasuresPixelsAndMergesParts) {
  const auto t = task(mask());
  const Target target = t->target(masks(), c10::kDouble);
  const auto whole = t->metric(), merged = t->metric();
  whole->add(logits(), target);
  auto values = values_of(*whole);
  // Labels 0 1 2 1, 0 - 2 2; predictions 0 1 1 1, 0 - 2 0.
  EXPECT_DOUBLE_EQ(values["accuracy"], 5.0 / 7.0);
  EXPECT_DOUBLE_EQ(values["miou"], (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0) / 3.0);
  for (int64_t row = 0; row < 2; ++row) {
    const auto part = t->metric();
    part->add(logits().narrow(0, row, 1),
              {target.values.narrow(0, row, 1), target.valid.narrow(0, row, 1),
               target.weight.narrow(0, row, 1)});
    merged->merge(part->state());
  }
  for (const auto& [name, value] : values_of(*merged)) EXPECT_NEAR(value, values[name], 1e-12);
}

TEST(DenseClassification, LeavesClassesThatNeitherNamesOutOfTheMean) {
  ConfusionMatrix counts(3);
  EXPECT_FALSE(counts.mean_iou());
  counts.add(0, 0);
  counts.add(0, 2);
  EXPECT_FALSE(counts.iou(1));
  EXPECT_DOUBLE_EQ(*counts.mean_iou(), 0.25);
}

TEST(DenseClassification, PredictsAMapOfClassesAndTheirProbability) {
  const Prediction p = task(mask())->predict(logits());
  EXPECT_TRUE(p.prediction.equal(integers({0, 1, 1, 1, 0, 2, 2, 0}).reshape({2, 2, 2})));
  EXPECT_EQ(p.probability.sizes(), at::IntArrayRef({2, 2, 2}));
  EXPECT_NEAR(p.probability[0][0][1].item<double>(), logits().softmax(1)[0][1][0][1].item<double>(),
              1e-12);
}

TEST(DenseClassification, BalancesClassesByTheirPixels) {
  LabelStatistics statistics("t", task_options(""), mask());
  statistics.add(masks());
  EXPECT_EQ(statistics.statistics().mean, (std::vector<double>{2 / 7.0, 2 / 7.0, 3 / 7.0}));
}

// The second picture has no valid pixel but one; labels with a 0 have no relative error.
Batch depths() {
  return batch_of({{"y", numbers({1, 2, 0, 4, 5, kNan, 7, 8}, {2, 2, 2})},
                   {"y_valid", integers({1, 1, 1, 1, 1, 0, 0, 0}).reshape({2, 2, 2})},
                   {"y_weight", numbers({1, 3}, {2})}});
}

at::Tensor estimates() { return numbers({2, 2, 1, 2, 3, 9, 9, 9}, {2, 1, 2, 2}); }

TEST(DenseRegression, SumsTheLossOfValidPixels) {
  TaskOptions options = task_options("");
  const auto squared = task(depth(), options);
  const Target target = squared->target(depths(), c10::kDouble);
  EXPECT_EQ(squared->count(target).valid, 5);
  EXPECT_EQ(squared->count(target).weight, 4 + 3);
  EXPECT_DOUBLE_EQ(squared->loss_sum(estimates(), target).item<double>(), 1 + 1 + 4 + 3 * 4);
  options.loss.kind = "mae";
  EXPECT_DOUBLE_EQ(task(depth(), options)->loss_sum(estimates(), target).item<double>(),
                   1 + 1 + 2 + 3 * 2);
}

TEST(DenseRegression, MeasuresErrorsOfValidPixels) {
  const auto t = task(depth());
  const auto metric = t->metric();
  EXPECT_TRUE(values_of(*metric).empty());
  metric->add(estimates(), t->target(depths(), c10::kDouble));
  auto values = values_of(*metric);
  EXPECT_DOUBLE_EQ(values["mae"], (1 + 1 + 2 + 2) / 5.0);
  EXPECT_DOUBLE_EQ(values["rmse"], std::sqrt((1 + 1 + 4 + 4) / 5.0));
  EXPECT_DOUBLE_EQ(values["rel_error"], (1.0 + 0.0 + 0.5 + 0.4) / 4.0);
  EXPECT_DOUBLE_EQ(values["loss"], 18.0 / 7.0);
}

TEST(DenseRegression, PredictsInTheShapeOfTheLabelAndScalesByChannel) {
  EXPECT_EQ(task(depth())->predict(estimates()).prediction.sizes(), at::IntArrayRef({2, 2, 2}));
  FieldDescription field = depth({3, 2, 2});
  field.scale = {1, 10, 100};
  const auto t = task(field);
  const at::Tensor output = noise("o", {2, 3, 2, 2});
  EXPECT_TRUE(t->predict(output).prediction.equal(output));
  const Batch ones = batch_of({{"y", numbers(std::vector<double>(12, 1.0), {1, 3, 2, 2})}});
  EXPECT_TRUE(
      t->target(ones, c10::kDouble)
          .values.equal(numbers({1, 1, 1, 1, 10, 10, 10, 10, 100, 100, 100, 100}, {1, 12})));
}

TaskOptions with_decoder(std::vector<int64_t> channels, bool skip) {
  TaskOptions options = task_options("");
  options.head.channels = std::move(channels);
  options.head.skip = skip;
  return options;
}

TrunkOutput trunk_output() { return {{}, noise("maps", {2, 4, 2, 1}), noise("x", {2, 2, 9, 6})}; }
const TrunkShape kTall{.width = 4, .maps = {4, 2, 1}, .input = {2, 9, 6}};

TEST(DenseHead, ReachesTheSizeOfTheLabelFromAnyMaps) {
  for (const std::vector<int64_t>& size : {std::vector<int64_t>{9, 6}, {4, 2}, {3, 5}, {1, 1}})
    for (const std::vector<int64_t>& channels : {std::vector<int64_t>{6, 5}, {6, 5, 4, 3}, {}})
      for (const bool skip : {false, true}) {
        const auto t = task(mask(size), with_decoder(channels, skip), kTall);
        const at::Tensor output =
            t->forward(materialize(t->parameters(), "heads.t."), trunk_output(), {});
        EXPECT_EQ(output.sizes(), at::IntArrayRef({2, 3, size[0], size[1]}));
      }
}

TEST(DenseHead, HasTheLayersOfTheConfig) {
  const auto t = task(mask({9, 6}), with_decoder({6, 5}, true), kTall);
  std::string said;
  for (const ParameterSpec& spec : t->parameters())
    said += fmt::format("{}[{}] ", spec.name, spec.shape[0]);
  EXPECT_EQ(said,
            "conv0.weight[6] conv0.bias[6] conv1.weight[5] conv1.bias[5] join.weight[5] "
            "join.bias[5] out.weight[3] out.bias[3] ");
}

// Along one direction per parameter, maps and input included.
TEST(DenseHead, GradientIsTheDifferenceQuotient) {
  const auto t = task(mask({9, 6}), with_decoder({6, 5}, true), kTall);
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 2 * 54; ++i) labels.push_back(i * 7 % 4 - 1);
  const Target target = t->target(
      batch_of({{"y", integers(labels).reshape({2, 9, 6})}, {"y_weight", numbers({0.5, 2}, {2})}}),
      c10::kDouble);
  std::vector<at::Tensor> p = materialize(t->parameters(), "heads.t.");
  const std::size_t layers = p.size();
  p.push_back(trunk_output().maps.requires_grad_());
  p.push_back(trunk_output().input.requires_grad_());
  const auto loss = [&](const std::vector<at::Tensor>& at) {
    return t->loss_sum(
        t->forward(Parameters(at).first(layers), {{}, at[layers], at[layers + 1]}, {}), target);
  };
  const auto gradients = torch::autograd::grad({loss(p)}, p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const at::Tensor direction = noise("direction" + std::to_string(i), p[i].sizes().vec());
    const auto shifted = [&](double step) {
      std::vector<at::Tensor> q = p;
      q[i] = p[i].detach().add(direction, step);
      return loss(q).item<double>();
    };
    const double expected = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
    EXPECT_NEAR(gradients[i].mul(direction).sum().item<double>(), expected,
                1e-6 * (1.0 + std::abs(expected)))
        << "parameter " << i;
  }
}

template <class E>
std::string refusal(const FieldDescription& field, const TaskOptions& options = task_options(""),
                    const TrunkShape& trunk = kMaps) {
  return message_of<E>([&] { task(field, options, trunk); });
}

TEST(DenseTasks, SayWhatDoesNotFit) {
  const std::string no_maps =
      "tasks.t.kind: a task that predicts per pixel needs a trunk that gives maps; use trunk.kind: "
      "convnet, lenet, resnet18 or resnet34";
  EXPECT_EQ(refusal<UsageError>(mask(), task_options(""), {.width = 4}), no_maps);
  EXPECT_EQ(refusal<UsageError>(depth(), task_options(""), {.width = 4}), no_maps);
  EXPECT_EQ(refusal<DataError>(mask({5})),
            "tasks.t: y has rows of shape (5); dense_classification expects one class per pixel, "
            "rows of shape (height, width)");
  EXPECT_EQ(refusal<DataError>(depth({})),
            "tasks.t: y has rows of shape (); dense_regression expects numbers per pixel, rows of "
            "shape (height, width) or (channels, height, width)");
  FieldDescription field = mask();
  field.num_classes.reset();
  EXPECT_EQ(refusal<UsageError>(field),
            "tasks.t: y does not say how many classes it has; set tasks.t.classes");
}

TEST(DenseTasks, RefuseTheKeysOfOtherKinds) {
  TaskOptions options = task_options("");
  options.head.widths = {4};
  EXPECT_EQ(refusal<UsageError>(mask(), options),
            "tasks.t.head: a task that predicts per pixel has channels and skip alone; leave the "
            "other keys out");
  EXPECT_EQ(refusal<UsageError>(mask(), with_decoder({4, 0}, false)),
            "tasks.t.head.channels: 0 is below 1");
  EXPECT_EQ(refusal<UsageError>(target_field(DType::kF32), with_decoder({4}, false)),
            "tasks.t.head: channels and skip are those of a decoder, for kind: "
            "dense_classification and dense_regression; leave them out");
  options = task_options("");
  options.loss.kind = "gaussian";
  EXPECT_EQ(refusal<UsageError>(depth(), options),
            "tasks.t.loss: \"gaussian\" is for regression, this task is a dense_regression");
  options.loss = {};
  options.loss.standardize = true;
  EXPECT_EQ(refusal<UsageError>(depth(), options),
            "tasks.t.standardize: only for kind: regression, this task is a dense_regression");
}

TEST(DenseTasks, NameThePixelOfALabelThatCannotBe) {
  const auto t = task(mask());
  const Batch bad = batch_of({{"y", integers({0, 1, 2, 1, 0, -1, 3, 2}).reshape({2, 2, 2})}});
  EXPECT_EQ(message_of<DataError>([&] { t->target(bad, c10::kDouble); }),
            "source shapes: y: label 3 at row 301, entry (1, 0), classes 0..2; mend the file or "
            "mark the label as missing");
  const Batch infinite = batch_of({{"y", numbers({0, 1, kNan, 1}, {1, 2, 2})}});
  EXPECT_EQ(message_of<DataError>([&] { task(depth())->target(infinite, c10::kDouble); }),
            "source shapes: y: label nan at row 300, entry (1, 0), expected a finite number; mend "
            "the file or mark the label as missing");
}

}  // namespace
}  // namespace trunkline
