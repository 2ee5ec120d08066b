// Dropout masks are functions of keys: the same sample drops the same elements in any company.
#include "trunkline/model/dropout.hpp"

#include <ATen/ops/ones.h>
#include <gtest/gtest.h>

#include <numeric>

#include "small_model.hpp"

namespace trunkline {
namespace {

const Dropout kHalf{"trunk.dropout0", 0.5};

at::Tensor mask(const Dropout& dropout, const Context& context, int64_t width = 64) {
  return dropout.forward(at::ones({context.rows[0].samples.numel(), width}, c10::kDouble), context);
}

TEST(Dropout, IsTheIdentityOutsideTraining) {
  const at::Tensor x = noise("x", {3, 5});
  EXPECT_TRUE(kHalf.forward(x, {}).equal(x));
}

TEST(Dropout, DropsAlikeInAnyBatchComposition) {
  const at::Tensor together = mask(kHalf, training({5, 9, 2, 7}));
  const at::Tensor elsewhere = mask(kHalf, training({7, 1, 5}));
  EXPECT_TRUE(together[0].equal(elsewhere[2]));
  EXPECT_TRUE(together[3].equal(elsewhere[0]));
}

TEST(Dropout, DropsAlikeBesideRowsOfAnotherSource) {
  Context both = training({8, 3});
  const at::Tensor alone = mask(kHalf, both);
  both.rows.insert(both.rows.begin(), {name_key("other"), at::tensor({int64_t{3}})});
  const at::Tensor joined = kHalf.forward(at::ones({3, 64}, c10::kDouble), both);
  EXPECT_TRUE(joined.narrow(0, 1, 2).equal(alone));
  EXPECT_FALSE(joined[0].equal(alone[1]));
}

TEST(Dropout, DependsOnEveryKey) {
  const Context here = training({5});
  const at::Tensor drawn = mask(kHalf, here);
  Context seed = here, source = here;
  seed.seed = 2;
  source.rows[0].source = name_key("other");
  for (const Context& other : {seed, source, training({5}, /*step=*/1), training({6})})
    EXPECT_FALSE(drawn.equal(mask(kHalf, other)));
  EXPECT_FALSE(drawn.equal(mask({"heads.shape.dropout0", 0.5}, here)));
}

TEST(Dropout, DropsTheSameElementsInEitherPrecision) {
  const Context context = training({1, 2, 3});
  const at::Tensor wide = kHalf.forward(at::ones({3, 100}, c10::kDouble), context);
  const at::Tensor narrow = kHalf.forward(at::ones({3, 100}, c10::kFloat), context);
  EXPECT_EQ(narrow.scalar_type(), c10::kFloat);
  EXPECT_TRUE(narrow.to(c10::kDouble).equal(wide));
}

TEST(Dropout, DropsTheGivenShareAndKeepsTheExpectation) {
  std::vector<int64_t> samples(1000);
  std::iota(samples.begin(), samples.end(), 0);
  const at::Tensor drawn = mask({"trunk.dropout0", 0.2}, training(samples), 100);
  EXPECT_NEAR(drawn.eq(0).to(c10::kDouble).mean().item<double>(), 0.2, 0.005);
  EXPECT_NEAR(drawn.mean().item<double>(), 1.0, 0.01);
  EXPECT_EQ(drawn.max().item<double>(), 1.0 / 0.8);
}

TEST(Dropout, DropsWholeChannels) {
  const Dropout dropout{"trunk.dropout", 0.5, Dropout::Unit::kChannel};
  const at::Tensor x = at::ones({4, 50, 3, 3}, c10::kDouble);
  const at::Tensor maps = dropout.forward(x, training({1, 2, 3, 4})).flatten(2);
  EXPECT_TRUE(std::get<0>(maps.max(2)).equal(std::get<0>(maps.min(2))));
  EXPECT_GT(maps.eq(0).sum().item<int64_t>(), 0);
}

TEST(Dropout, PassesTheGradientOfWhatItKeeps) {
  const at::Tensor x = noise("x", {2, 8}).requires_grad_();
  const Context context = training({1, 2});
  kHalf.forward(x, context).sum().backward();
  EXPECT_TRUE(x.grad().equal(mask(kHalf, context, 8)));
}

TEST(Dropout, AcceptsABatchWithoutRows) { EXPECT_EQ(mask(kHalf, training({})).size(0), 0); }

TEST(Dropout, RefusesToDropEverything) {
  EXPECT_THROW(check_dropout(1.0, "trunk.dropout"), UsageError);
}

}  // namespace
}  // namespace trunkline
