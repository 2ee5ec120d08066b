// A run that begins with parameters of another means the same in every layout.
#include <gtest/gtest.h>

#include "parity/family.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 30;

class TransferParity : public testing::TestWithParam<Cut> {};

TEST_P(TransferParity, Float64) {
  const Family family;
  EXPECT_LT(largest_difference(family.child(GetParam(), kSteps), family.child({}, kSteps)), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(
    Cuts, TransferParity,
    testing::Values(Cut{"Data2", 2}, Cut{"Data3", 3}, Cut{"Task2", 2, {"layout.kind=task"}},
                    Cut{"Task4", 4, {"layout.kind=task"}},
                    Cut{"Uneven3",
                        3,
                        {"layout.kind=explicit",
                         "layout.tasks={value: [0, 1], other: [1, 2], fresh: [2]}"}},
                    Cut{"Accumulate2", 2, {"train.accumulate=3"}}),
    [](const auto& cut) { return cut.param.name; });

TEST(Transfer, BeginsWithTheAveragesOfTheParent) {
  const Family family;
  const Weights child = family.child({"child", 3, {"layout.kind=task"}}, 0);
  const Weights parent = train_steps(family.parent_config, {}, 10);
  for (const char* name : {"trunk.linear0.weight", "trunk.norm1.bias", "heads.value.hidden0.weight",
                           "heads.value.out.bias", "heads.other.out.weight"}) {
    EXPECT_EQ(child.at(name), parent.at(std::string("average of ") + name)) << name;
    EXPECT_EQ(child.at(std::string("average of ") + name), child.at(name)) << name;
  }
}

TEST(Transfer, LeavesWhatTheParentDoesNotHaveAsItBegins) {
  const Family family;
  const Weights child = family.child({}, 0), plain = train_steps(family.config, {}, 0);
  for (const char* name : {"heads.fresh.out.weight", "stems.b.linear0.weight"})
    EXPECT_EQ(child.at(name), plain.at(name)) << name;
  EXPECT_NE(child.at("trunk.linear0.weight"), plain.at("trunk.linear0.weight"));
}

TEST(Transfer, ConvertsBetweenPrecisions) {
  const Family wide, narrow({"train.precision=float32"});
  const std::string name = "trunk.linear1.weight";
  std::vector<double> rounded = wide.child({}, 0).at(name);
  for (double& value : rounded) value = static_cast<float>(value);
  EXPECT_EQ(wide.child({"float32", 1, {"train.precision=float32"}}, 0).at(name), rounded);
  const std::vector<double> widened = narrow.child({}, 0).at(name);
  EXPECT_EQ(narrow.child({"float32", 1, {"train.precision=float32"}}, 0).at(name), widened);
}

TEST(Transfer, ReadsAFileByItself) {
  const Family family;
  EXPECT_EQ(family.child({}, 0, family.parent + "/ema.safetensors"), family.child({}, 0));
}

TEST(Transfer, MapsNames) {
  const Family family;
  const Weights child = family.child({"mapped", 1, {"init.map={heads.class: heads.fresh}"}}, 0);
  EXPECT_EQ(child.at("heads.fresh.out.weight"),
            train_steps(family.parent_config, {}, 10).at("average of heads.class.out.weight"));
}

TEST(Transfer, RefusesAnotherShape) {
  const Family family;
  EXPECT_EQ(message_of([&] {
              family.child({"wide", 1, {"trunk.widths=[16, 13]"}}, 0);
            }),
            family.parent +
                "/ema.safetensors: tensor trunk.linear1.weight has shape (12, 16), but "
                "trunk.linear1.weight of the model has (13, 16); describe the same model, or begin "
                "anew with init.skip: trunk");
}

TEST(Transfer, RefusesAnotherShapeOnAnyNumberOfRanks) {
  const Family family;
  EXPECT_NE(message_of([&] { family.child({"wide", 3, {"trunk.widths=[16, 13]"}}, 0); }), "");
}

}  // namespace
}  // namespace trunkline::test
