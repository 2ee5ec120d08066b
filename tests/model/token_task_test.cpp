// One class per token: what counts, what is summed, what is predicted, what does not fit.
#include <ATen/ops/log_softmax.h>
#include <gtest/gtest.h>

#include "task_support.hpp"
#include "trunkline/model/label_statistics.hpp"

namespace trunkline {
namespace {

const TrunkShape kTokens{.width = 4, .tokens = 3};

FieldDescription slots() {
  FieldDescription field = target_field(DType::kI8, {3});
  field.kind = "token_classification";
  field.class_names = {"O", "B-a", "I-a"};
  field.ignore_value = -1;
  return field;
}

std::unique_ptr<Task> task(const TaskOptions& options = task_options("")) {
  return make_task("t", options, slots(), kTokens);
}

// Two rows of 3 and 2 tokens; the first weighs double.
Batch batch() {
  return batch_of(
      {{"y", integers({0, 1, 2, 1, 0, -1}).reshape({2, 3})}, {"y_weight", numbers({2, 1}, {2})}});
}

// Logits whose largest are at classes 0 1 1, 1 0 2.
at::Tensor output() {
  return numbers({3, 0, 1, 0, 2, 1, 0, 1, 0.5, 0, 4, 1, 2, 1, 0, 0, 0, 9}, {2, 3, 3});
}

TEST(TokenClassification, CountsLabelledTokensWithTheWeightOfTheirRow) {
  const auto t = task();
  const Task::Count count = t->count(t->target(batch(), c10::kDouble));
  EXPECT_EQ(count.valid, 5);
  EXPECT_EQ(count.weight, 2 * 3 + 2);
}

TEST(TokenClassification, SumsTheLossOfLabelledTokens) {
  const auto t = task();
  const at::Tensor log_p = at::log_softmax(output(), 2);
  const auto loss = [&](int64_t row, int64_t token, int64_t label) {
    return -log_p[row][token][label].item<double>();
  };
  const double expected =
      2 * (loss(0, 0, 0) + loss(0, 1, 1) + loss(0, 2, 2)) + loss(1, 0, 1) + loss(1, 1, 0);
  EXPECT_NEAR(t->loss_sum(output(), t->target(batch(), c10::kDouble)).item<double>(), expected,
              1e-12);
}

TEST(TokenClassification, ReadsTheTokensOfTheTrunk) {
  const auto t = task();
  TrunkOutput trunk;
  trunk.tokens = noise("tokens", {2, 3, 4});
  const auto p = materialize(t->parameters(), "heads.t.");
  EXPECT_EQ(t->forward(p, trunk, {}).sizes(), at::IntArrayRef({2, 3, 3}));
}

TEST(TokenClassification, MeasuresTokensAndSpans) {
  const auto t = task();
  const auto metric = t->metric();
  metric->add(output(), t->target(batch(), c10::kDouble));
  auto values = values_of(*metric);
  EXPECT_DOUBLE_EQ(values["accuracy"], 4.0 / 5.0);
  // Labelled: (a, 1, 3), (a, 0, 1). Predicted: (a, 1, 2), (a, 2, 3), (a, 0, 1).
  EXPECT_DOUBLE_EQ(values["span_f1"], 2.0 / 5.0);
}

TEST(TokenClassification, MergesMetricsOfParts) {
  const auto t = task();
  const Target target = t->target(batch(), c10::kDouble);
  const auto whole = t->metric(), merged = t->metric();
  whole->add(output(), target);
  for (int64_t row = 0; row < 2; ++row) {
    const auto part = t->metric();
    part->add(output().narrow(0, row, 1),
              {target.values.narrow(0, row, 1), target.valid.narrow(0, row, 1),
               target.weight.narrow(0, row, 1)});
    merged->merge(part->state());
  }
  auto found = values_of(*merged), expected = values_of(*whole);
  EXPECT_NEAR(found["loss"], expected["loss"], 1e-15);
  EXPECT_EQ(found["accuracy"], expected["accuracy"]);
  EXPECT_EQ(found["span_f1"], expected["span_f1"]);
}

TEST(TokenClassification, HasNoSpansWithoutBioNames) {
  FieldDescription field = slots();
  field.class_names = {"noun", "verb", "other"};
  const auto values = make_task("t", task_options(""), field, kTokens)->metric()->values();
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[1].name, "accuracy");
}

TEST(TokenClassification, AcceptsABatchWithoutRows) {
  const auto t = task();
  const Target none = t->target({}, c10::kDouble);
  EXPECT_EQ(t->count(none).weight, 0.0);
  EXPECT_EQ(t->loss_sum(output().narrow(0, 0, 0), none).item<double>(), 0.0);
}

TEST(TokenClassification, PredictsAClassPerToken) {
  const Prediction p = task()->predict(output());
  EXPECT_TRUE(p.prediction.equal(integers({0, 1, 1, 1, 0, 2}).reshape({2, 3})));
  EXPECT_EQ(p.probability.sizes(), at::IntArrayRef({2, 3}));
  const double e = std::exp(1.0);
  EXPECT_NEAR(p.probability[0][1].item<double>(), e * e / (1 + e + e * e), 1e-12);
}

TEST(TokenClassification, BalancesClassesByTheirTokens) {
  TaskOptions options = task_options("");
  LabelStatistics statistics("t", options, slots());
  statistics.add(batch());
  EXPECT_EQ(statistics.statistics().mean, (std::vector<double>{0.4, 0.4, 0.2}));
  options.loss.class_weights = {"balanced"};
  const auto t = make_task("t", options, slots(), kTokens, statistics.statistics());
  const double a = 1 / 1.2, b = 1 / 0.6;
  EXPECT_NEAR(t->count(t->target(batch(), c10::kDouble)).weight, 2 * (a + a + b) + a + a, 1e-12);
}

template <class E>
std::string refusal(const FieldDescription& field, const TrunkShape& trunk) {
  return message_of<E>([&] { make_task("t", task_options(""), field, trunk); });
}

TEST(TokenClassification, SaysWhatDoesNotFit) {
  EXPECT_EQ(refusal<UsageError>(slots(), {.width = 4}),
            "tasks.t.kind: token_classification needs a trunk that gives tokens; use trunk.kind: "
            "transformer");
  FieldDescription field = slots();
  field.shape = {3, 2};
  EXPECT_EQ(refusal<DataError>(field, kTokens),
            "tasks.t: y has rows of shape (3, 2), but the trunk gives 3 tokens per row; expected "
            "one label per token");
  field = slots();
  field.class_names = {};
  EXPECT_EQ(refusal<UsageError>(field, kTokens),
            "tasks.t: y does not say how many classes it has; set tasks.t.classes");
  const auto t = task();
  const Batch bad = batch_of({{"y", integers({0, 1, 2, 1, 3, -1}).reshape({2, 3})}});
  EXPECT_EQ(message_of<DataError>([&] { t->target(bad, c10::kDouble); }),
            "source shapes: y: label 3 at row 301, column 1, classes 0..2; mend the file or mark "
            "the label as missing");
}

}  // namespace
}  // namespace trunkline
