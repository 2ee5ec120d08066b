// Mean shares of experts, and when one has pushed the others out.
#include "trunkline/model/gate_means.hpp"

#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

using Named = std::map<std::string, double>;

Named named(const std::vector<MetricValue>& values) {
  Named all;
  for (const MetricValue& value : values) all[value.name] = value.value.value_or(kNan);
  return all;
}

TEST(GateMeans, AreTheSameOverAnySplitOfTheRows) {
  GateMeans whole, first, second;
  whole.add({numbers({0.5, 0.5, 0.25, 0.75, 1, 0}, {3, 2}), numbers({1, 0, 1, 0, 0, 1}, {3, 2})});
  first.add({numbers({0.5, 0.5}, {1, 2}), numbers({1, 0}, {1, 2})});
  second.add({numbers({0.25, 0.75, 1, 0}, {2, 2}), numbers({1, 0, 0, 1}, {2, 2})});
  first.merge(second.state());
  EXPECT_EQ(named(first.values(1)), named(whole.values(1)));
  EXPECT_EQ(named(whole.values(1)), (Named{{"gate.layer0.own0", 1.75 / 3},
                                           {"gate.layer0.shared0", 1.25 / 3},
                                           {"gate.layer1.own0", 2.0 / 3},
                                           {"gate.layer1.shared0", 1.0 / 3}}));
}

TEST(GateMeans, OfATaskWithoutGatesAreNone) {
  GateMeans none;
  none.add({});
  none.merge({});
  EXPECT_TRUE(none.state().empty());
  EXPECT_TRUE(none.values(4).empty());
}

std::vector<MetricValue> shares(double first, double second) {
  return {{"gate.layer0.shared0", first}, {"gate.layer0.shared1", second}};
}

TEST(CollapsedExperts, HaveNearlyAllOfEveryTask) {
  EXPECT_EQ(collapsed_experts({shares(0.01, 0.99), {}, shares(0.04, 0.96)}),
            (std::vector<std::string>{"gate.layer0.shared1"}));
  EXPECT_TRUE(collapsed_experts({shares(0.01, 0.99), shares(0.06, 0.94)}).empty());
  EXPECT_TRUE(collapsed_experts({shares(0.01, 0.99), shares(0.99, 0.01)}).empty());
  EXPECT_TRUE(collapsed_experts({{{"gate.layer0.shared0", 1.0}}}).empty());
  EXPECT_TRUE(collapsed_experts({}).empty());
}

}  // namespace
}  // namespace trunkline
