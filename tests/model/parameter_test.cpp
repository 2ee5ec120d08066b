// Initial values are functions of seed, full name and element index.
#include "trunkline/model/parameter.hpp"

#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

const Init kUniform{Init::Kind::kUniform, 0.25};

at::Tensor drawn(const std::string& name, uint64_t seed = 1, c10::ScalarType type = c10::kDouble) {
  const at::Tensor tensor = at::empty({20, 30}, type);
  initialize(tensor, kUniform, name, seed);
  return tensor;
}

TEST(Initialize, DependsOnSeedAndNameAlone) {
  EXPECT_TRUE(drawn("trunk.fc.weight").equal(drawn("trunk.fc.weight")));
  EXPECT_FALSE(drawn("trunk.fc.weight").equal(drawn("trunk.fc.bias")));
  EXPECT_FALSE(drawn("trunk.fc.weight").equal(drawn("trunk.fc.weight", 2)));
}

TEST(Initialize, KeysElementsByTheirIndex) {
  const double first = uniform(key({key({1, name_key("trunk.fc.weight")}), 0}));
  EXPECT_EQ(drawn("trunk.fc.weight")[0][0].item<double>(), 0.25 * (2.0 * first - 1.0));
}

TEST(Initialize, RoundsToSinglePrecision) {
  EXPECT_TRUE(drawn("a").to(c10::kFloat).equal(drawn("a", 1, c10::kFloat)));
}

TEST(Initialize, FillsAnyStrides) {
  const at::Tensor transposed = at::empty({30, 20}, c10::kDouble).t();
  initialize(transposed, kUniform, "a", 1);
  EXPECT_TRUE(transposed.equal(drawn("a")));
}

TEST(Initialize, StaysWithinTheBoundAndFillsIt) {
  const at::Tensor values = drawn("a").abs();
  EXPECT_LE(values.max().item<double>(), 0.25);
  EXPECT_GT(values.max().item<double>(), 0.24);
}

TEST(Initialize, FillsParametersThatRequireGradients) {
  const at::Tensor one = at::empty({2}, c10::kDouble).requires_grad_();
  initialize(one, {Init::Kind::kConstant, 1.0}, "norm0.weight", 1);
  EXPECT_EQ(one.sum().item<double>(), 2.0);
}

}  // namespace
}  // namespace trunkline
