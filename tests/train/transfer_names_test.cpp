// Which tensor of a file begins which parameter.
#include "trunkline/train/transfer_names.hpp"

#include <gtest/gtest.h>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using Matches = std::map<std::string, std::string>;

const std::vector<std::string> kOurs = {"trunk.conv0.weight", "trunk.conv0.bias",
                                        "heads.shape.out.weight"};

Matches match(const std::vector<std::string>& theirs, OrderedMap<std::vector<std::string>> map = {},
              std::vector<std::string> skip = {}) {
  return match_names({"f", std::move(map), std::move(skip)}, "f", theirs, kOurs);
}

template <class E>
std::string refusal(const std::vector<std::string>& theirs,
                    const OrderedMap<std::vector<std::string>>& map = {},
                    const std::vector<std::string>& skip = {}) {
  try {
    match(theirs, map, skip);
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was refused";
}

TEST(TransferNames, TakeEqualNamesAndPassOverOthers) {
  EXPECT_EQ(match({"trunk.conv0.weight", "heads.size.out.weight"}),
            (Matches{{"trunk.conv0.weight", "trunk.conv0.weight"}}));
}

TEST(TransferNames, MapWholeNamesAndBeginningsUpToADot) {
  EXPECT_EQ(match({"encoder.0.weight", "encoder.0.bias", "fc"},
                  {{"encoder.0", {"trunk.conv0"}}, {"fc", {"heads.shape.out.weight"}}}),
            (Matches{{"trunk.conv0.weight", "encoder.0.weight"},
                     {"trunk.conv0.bias", "encoder.0.bias"},
                     {"heads.shape.out.weight", "fc"}}));
}

TEST(TransferNames, TheLongestEntryCounts) {
  EXPECT_EQ(match({"net.a.weight", "net.b.weight"},
                  {{"net.b", {"heads.shape.out"}}, {"net", {"trunk"}}, {"net.a", {"trunk.conv0"}}}),
            (Matches{{"trunk.conv0.weight", "net.a.weight"},
                     {"heads.shape.out.weight", "net.b.weight"}}));
}

TEST(TransferNames, ABeginningEndsAtADot) {
  EXPECT_EQ(match({"trunk.conv0.weight", "a.weight", "ab.weight"}, {{"a", {"heads.shape.out"}}}),
            (Matches{{"trunk.conv0.weight", "trunk.conv0.weight"},
                     {"heads.shape.out.weight", "a.weight"}}));
}

TEST(TransferNames, LeaveOutWhatIsSkipped) {
  EXPECT_EQ(match({"trunk.conv0.weight", "heads.shape.out.weight"}, {}, {"heads.shape"}),
            (Matches{{"trunk.conv0.weight", "trunk.conv0.weight"}}));
}

TEST(TransferNames, AreRefusedWhereTheyNameNothing) {
  EXPECT_EQ(refusal<UsageError>({"encoder.0.weight"}, {{"encodr.0", {"trunk.conv0"}}}),
            "init.map: f has no \"encodr.0\"; did you mean \"encoder.0\"?");
  EXPECT_EQ(refusal<UsageError>({"encoder.0.weight"}, {{"encoder.0", {"trunk.conf0"}}}),
            "init.map: the model has no \"trunk.conf0\"; did you mean \"trunk.conv0\"?");
  EXPECT_EQ(refusal<UsageError>({"trunk.conv0.weight"}, {}, {"heads.shap"}),
            "init.skip: the model has no \"heads.shap\"; did you mean \"heads.shape\"?");
}

TEST(TransferNames, AreRefusedWhereTwoBeginOne) {
  EXPECT_EQ(refusal<UsageError>({"a.weight", "trunk.conv0.weight"}, {{"a", {"trunk.conv0"}}}),
            "init.map: f: both a.weight and trunk.conv0.weight would begin trunk.conv0.weight");
}

TEST(TransferNames, AreRefusedWhereNothingFits) {
  EXPECT_EQ(refusal<CheckpointError>({"encoder.0.weight", "encoder.0.bias"}),
            "f: none of its 2 tensors has the name of a parameter (first: encoder.0.weight; the "
            "model has trunk.conv0.weight); say with init.map which is which");
}

TEST(TransferNames, AreCountedByPart) {
  EXPECT_EQ(owner_of("trunk.conv0.weight"), "trunk");
  EXPECT_EQ(owner_of("heads.shape.out.weight"), "heads.shape");
  EXPECT_EQ(owner_of("stems.a.linear0.bias"), "stems.a");
  EXPECT_EQ(owner_of("encoder.0.weight"), "encoder");
  EXPECT_EQ(owner_of("scale"), "scale");
}

}  // namespace
}  // namespace trunkline
