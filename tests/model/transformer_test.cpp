// The transformer: attention against its formula, padding that changes nothing, what it refuses.
#include <ATen/core/IListRef.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "small_model.hpp"
#include "trunkline/model/attention.hpp"
#include "trunkline/model/tokens.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {
namespace {

double at_of(const at::Tensor& t, std::vector<int64_t> index) {
  at::Tensor value = t;
  for (const int64_t i : index) value = value[i];
  return value.item<double>();
}

// One number of softmax(q k^T / sqrt(d)) v over the tokens that may be read, by loops.
double attended(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                const std::vector<bool>& mask, int64_t head, int64_t i, int64_t column) {
  const int64_t length = q.size(2), width = q.size(3);
  double sum = 0.0, total = 0.0;
  for (int64_t j = 0; j < length; ++j) {
    if (!mask[static_cast<std::size_t>(j)]) continue;
    double score = 0.0;
    for (int64_t c = 0; c < width; ++c)
      score += at_of(q, {0, head, i, c}) * at_of(k, {0, head, j, c});
    const double e = std::exp(score / std::sqrt(static_cast<double>(width)));
    sum += e * at_of(v, {0, head, j, column});
    total += e;
  }
  return sum / total;
}

TEST(Attend, IsItsFormula) {
  const at::Tensor q = noise("q", {1, 2, 4, 3}), k = noise("k", {1, 2, 4, 3}),
                   v = noise("v", {1, 2, 4, 3});
  const at::Tensor mask = at::tensor(std::vector<int64_t>{1, 0, 1, 1}).to(c10::kBool).unsqueeze(0);
  const at::Tensor some = attend(q, k, v, mask), all = attend(q, k, v, {});
  for (int64_t head = 0; head < 2; ++head)
    for (int64_t i = 0; i < 4; ++i)
      for (int64_t c = 0; c < 3; ++c) {
        EXPECT_NEAR(at_of(some, {0, head, i, c}),
                    attended(q, k, v, {true, false, true, true}, head, i, c), 1e-12);
        EXPECT_NEAR(at_of(all, {0, head, i, c}),
                    attended(q, k, v, {true, true, true, true}, head, i, c), 1e-12);
      }
}

TEST(Attend, StaysFiniteWhereNothingMayBeRead) {
  const at::Tensor x = noise("x", {1, 1, 3, 2}).requires_grad_();
  const at::Tensor y = attend(x, x, x, at::zeros({1, 3}, c10::kBool));
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  const auto gradient = torch::autograd::grad({y.sum()}, {x});
  EXPECT_TRUE(gradient[0].isfinite().all().item<bool>());
}

TrunkOptions options(const std::string& pooling = "mean") {
  TrunkOptions o;
  o.kind = "transformer";
  o.dropout = 0.3;
  o.transformer = {.width = 8,
                   .layers = 2,
                   .heads = 2,
                   .feedforward = 12,
                   .pooling = pooling,
                   .vocabulary = 11,
                   .max_length = 9,
                   .window = 3,
                   .word_dropout = 0.2};
  return o;
}

const std::vector<std::vector<int64_t>> kRows = {{3, 4, 10, 2, 1}, {5, 2}, {7, 7, 3, 0, 9}, {}};

at::Tensor tokens(int64_t length, std::size_t first = 0, std::size_t count = 4) {
  at::Tensor x = at::zeros({static_cast<int64_t>(count), length}, c10::kDouble);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < kRows[first + i].size(); ++j)
      x[static_cast<int64_t>(i)][static_cast<int64_t>(j)] =
          static_cast<double>(kRows[first + i][j]);
  return x;
}

TrunkOutput run(const TrunkOptions& o, const at::Tensor& x, const Context& context = {}) {
  const auto trunk = make_trunk(o, {x.size(1)});
  return trunk->forward(materialize(trunk->parameters(), "trunk."), x, context);
}

class TransformerTest : public testing::TestWithParam<const char*> {
 protected:
  TrunkOptions options_ = options(GetParam());
};

TEST_P(TransformerTest, GivesTokensAMaskAndFeatures) {
  const auto trunk = make_trunk(options_, {6});
  EXPECT_EQ(trunk->shape().width, 8);
  EXPECT_EQ(trunk->shape().tokens, 6);
  const TrunkOutput output = run(options_, tokens(6));
  EXPECT_EQ(output.features.sizes(), at::IntArrayRef({4, 8}));
  EXPECT_EQ(output.tokens.sizes(), at::IntArrayRef({4, 6, 8}));
  EXPECT_TRUE(output.mask.equal(tokens(6).ne(0)));
  EXPECT_TRUE(
      output.tokens.masked_select(output.mask.logical_not().unsqueeze(2)).eq(0).all().item<bool>());
}

TEST_P(TransformerTest, TakesNoNoticeOfPadding) {
  const TrunkOutput narrow = run(options_, tokens(5)), wide = run(options_, tokens(9));
  EXPECT_TRUE(narrow.features.allclose(wide.features, 1e-12, 1e-12));
  EXPECT_TRUE(narrow.tokens.allclose(wide.tokens.narrow(1, 0, 5), 1e-12, 1e-12));
}

TEST_P(TransformerTest, TakesNoNoticeOfPaddingWhileTraining) {
  const Context context = training({10, 11, 12, 13});
  const TrunkOutput narrow = run(options_, tokens(5), context);
  const TrunkOutput wide = run(options_, tokens(9), context);
  EXPECT_EQ(wide.tokens.sizes(), at::IntArrayRef({4, 9, 8}));
  EXPECT_TRUE(narrow.features.allclose(wide.features, 1e-12, 1e-12));
  EXPECT_TRUE(narrow.tokens.allclose(wide.tokens.narrow(1, 0, 5), 1e-12, 1e-12));
  EXPECT_FALSE(narrow.features.allclose(run(options_, tokens(5)).features, 1e-3, 1e-3));
}

TEST_P(TransformerTest, RowsDoNotDependOnTheirCompany) {
  const TrunkOutput whole = run(options_, tokens(6), training({10, 11, 12, 13}));
  const TrunkOutput first = run(options_, tokens(6, 0, 1), training({10})),
                    rest = run(options_, tokens(6, 1, 3), training({11, 12, 13}));
  EXPECT_TRUE(whole.features.allclose(at::cat({first.features, rest.features}), 1e-12, 1e-12));
  EXPECT_TRUE(whole.tokens.allclose(at::cat({first.tokens, rest.tokens}), 1e-12, 1e-12));
}

TEST_P(TransformerTest, AcceptsABatchWithoutRows) {
  const TrunkOutput none = run(options_, at::zeros({0, 6}, c10::kDouble), training({}));
  EXPECT_EQ(none.features.sizes(), at::IntArrayRef({0, 8}));
  EXPECT_EQ(none.tokens.sizes(), at::IntArrayRef({0, 6, 8}));
}

TEST_P(TransformerTest, HasTheGradientOfTheDifferenceQuotient) {
  const auto trunk = make_trunk(options_, {6});
  std::vector<at::Tensor> p = materialize(trunk->parameters(), "trunk.");
  const at::Tensor pull = noise("pull", {4, 6, 8}), push = noise("push", {4, 8});
  const auto f = [&](const std::vector<at::Tensor>& q) {
    const TrunkOutput o = trunk->forward(q, tokens(6), training({3, 1, 4, 15}));
    return o.tokens.mul(pull).sum().add(o.features.mul(push).sum());
  };
  const auto gradients = torch::autograd::grad({f(p)}, p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const at::Tensor direction = noise("direction" + std::to_string(i), p[i].sizes().vec());
    std::vector<at::Tensor> above = p, below = p;
    above[i] = p[i].detach().add(direction, 1e-6);
    below[i] = p[i].detach().sub(direction, 1e-6);
    const double expected = (f(above).item<double>() - f(below).item<double>()) / 2e-6;
    EXPECT_NEAR(gradients[i].mul(direction).sum().item<double>(), expected,
                2e-6 * (1.0 + std::abs(expected)))
        << trunk->parameters()[i].name;
  }
}

INSTANTIATE_TEST_SUITE_P(Pooling, TransformerTest, testing::Values("mean", "cls"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Transformer, AveragesItsTokensWithoutPadding) {
  const TrunkOutput output = run(options(), tokens(6));
  const at::Tensor row = output.tokens[2];
  const at::Tensor mean = row[0].add(row[1]).add(row[2]).add(row[4]).div(4);  // one is padding
  EXPECT_TRUE(output.features[2].allclose(mean, 1e-12, 1e-12));
  EXPECT_TRUE(output.features[3].eq(0).all().item<bool>());  // nothing but padding
}

TEST(Transformer, ReadsSomeWordsAsUnknownWhileTraining) {
  TrunkOptions o = options();
  o.dropout = 0.0;
  o.transformer.window = 0;
  o.transformer.word_dropout = 0.5;
  const at::Tensor unknown = at::zeros({1, 1}, c10::kDouble).add(1);
  const at::Tensor as_unknown = run(o, unknown).features;
  const at::Tensor word = unknown.add(4);
  int64_t forgotten = 0;
  for (int64_t sample = 0; sample < 400; ++sample)
    forgotten += run(o, word, training({sample})).features.allclose(as_unknown, 1e-12, 1e-12);
  EXPECT_NEAR(forgotten, 200, 45);
  EXPECT_FALSE(run(o, word).features.allclose(as_unknown, 1e-3, 1e-3));
  o.transformer.word_dropout_from = 6;  // one above the word
  for (int64_t sample = 0; sample < 20; ++sample)
    EXPECT_TRUE(run(o, word, training({sample})).features.equal(run(o, word).features));
}

TEST(Transformer, CutsImagesIntoPatchesRowByRow) {
  TrunkOptions o = options();
  o.transformer.patch = 3;
  o.transformer.window = 0;
  const auto trunk = make_trunk(o, {2, 6, 9});
  EXPECT_EQ(trunk->shape().tokens, 6);
  const auto p = materialize(trunk->parameters(), "trunk.");
  EXPECT_EQ(trunk->parameters()[0].name, "patches.weight");
  EXPECT_EQ(p[0].sizes(), at::IntArrayRef({8, 2, 3, 3}));
  EXPECT_FALSE(trunk->forward(p, noise("x", {3, 2, 6, 9}), {}).mask.defined());
}

std::string refusal(const TrunkOptions& o, const std::vector<int64_t>& shape) {
  return message_of<UsageError>([&] { make_trunk(o, shape); });
}

TEST(Transformer, SaysWhatDoesNotFit) {
  TrunkOptions o = options();
  EXPECT_EQ(refusal(o, {10}),
            "trunk.max_length: 9, but rows have 10 tokens; raise it, or leave it out");
  o.transformer.window = 0;
  EXPECT_EQ(refusal(o, {6, 10}), "trunk.patch: squares of 4 pixels do not fill images of 6x10");
  o.transformer.heads = 3;
  EXPECT_EQ(refusal(o, {6}), "trunk.heads: 3 heads do not divide a width of 8");
  o = options();
  o.transformer.unknown = 11;
  EXPECT_EQ(refusal(o, {6}), "trunk.unknown: 11 is no token; they go from 0 to 10");
}

TEST(Transformer, NamesATokenThatIsNotInTheVocabulary) {
  const at::Tensor x = at::tensor(std::vector<int64_t>{1, 2, 3, 11}).reshape({2, 2});
  EXPECT_EQ(message_of<DataError>([&] {
              run(options(), x, training({70, 52}));
            }),
            "trunk.vocabulary: token 11 at row 52, column 1; tokens go from 0 to 10; raise the key "
            "or mend the file");
}

FieldDescription token_field() {
  FieldDescription field;
  field.name = "x";
  field.dtype = DType::kU16;
  field.shape = {6};
  return field;
}

TEST(WithTokens, TakesVocabularyAndPaddingFromTheFile) {
  TrunkOptions o = options();
  o.transformer.vocabulary = {};
  FieldDescription field = token_field();
  field.num_classes = 40;
  field.ignore_value = 39;
  const TrunkOptions found = with_tokens(o, field, "trunk");
  EXPECT_EQ(found.transformer.vocabulary, 40);
  EXPECT_EQ(found.transformer.padding, 39);
  o.transformer.padding = 0;
  EXPECT_EQ(with_tokens(o, field, "trunk").transformer.padding, 0);
}

template <class E>
std::string refusal(const TrunkOptions& o, const FieldDescription& field) {
  return message_of<E>([&] { with_tokens(o, field, "trunk"); });
}

TEST(WithTokens, SaysWhatDoesNotFit) {
  TrunkOptions o = options();
  FieldDescription field = token_field();
  field.num_classes = 40;
  EXPECT_EQ(refusal<UsageError>(o, field),
            "trunk.vocabulary: 11, but x has 40 tokens by its attribute; leave the key out");
  o.transformer.vocabulary = {};
  field.num_classes = {};
  EXPECT_EQ(refusal<UsageError>(o, field),
            "trunk.vocabulary: required, because x has no attribute vocabulary; set it to 1 + the "
            "largest token");
  field.scale = {0.5};
  EXPECT_EQ(refusal<DataError>(o, field),
            "x: attributes scale and bias are for quantities, but tokens are names; remove them");
  field.dtype = DType::kF32;
  EXPECT_EQ(refusal<UsageError>(o, field),
            "trunk.kind: transformer reads integers (tokens) or images, but x has rows of 6 "
            "numbers of type F32; use kind: mlp");
}

}  // namespace
}  // namespace trunkline
