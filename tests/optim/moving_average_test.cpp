// The moving average: its formula, which slices move, and that swapping loses no bit.
#include "trunkline/optim/moving_average.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "optim/slices.hpp"

namespace trunkline {
namespace {

class MovingAverageTest : public testing::Test {
 protected:
  // One step of both slices, or of the trunk alone, with gradients of all ones.
  void step(bool head = true) {
    for (Slice& slice : slices_) slice.gradient.fill_(1.0);
    optimizer_->step(0.1, 1.0, {true, head});
    average_.update(*optimizer_, {true, head});
  }

  // The first average of a slice.
  double average(std::size_t slice) {
    double value = 0.0;
    std::memcpy(&value, average_.state().tensors[slice].bytes.data(), sizeof value);
    return value;
  }

  std::vector<Slice> slices_ = {whole_slice("trunk", tensor_of({1.0, 2.0}, at::kDouble)),
                                whole_slice("heads.shape", tensor_of({3.0}, at::kDouble))};
  std::unique_ptr<Optimizer> optimizer_ = make_optimizer({.kind = "sgd"}, slices_);
  MovingAverage average_{0.25, slices_};
};

TEST_F(MovingAverageTest, BeginsAsTheParameters) {
  EXPECT_EQ(average(0), 1.0);
  EXPECT_EQ(average(1), 3.0);
}

// Decays 2/11, 3/12 and then 0.25, over the parameters 0.9, 0.8, 0.7.
TEST_F(MovingAverageTest, FollowsItsFormula) {
  double expected = 1.0, parameter = 1.0;
  for (const double decay : {2.0 / 11.0, 0.25, 0.25}) {
    parameter -= 0.1;
    expected = decay * expected + (1.0 - decay) * parameter;
    step();
    EXPECT_NEAR(average(0), expected, 1e-15);
  }
}

TEST_F(MovingAverageTest, StandsStillWithItsSlice) {
  step(/*head=*/false);
  EXPECT_EQ(average(1), 3.0);
  step();
  EXPECT_NEAR(average(1), 3.0 * 2.0 / 11.0 + 2.9 * 9.0 / 11.0, 1e-15);  // its first step
}

TEST_F(MovingAverageTest, SwapsWithTheParametersWhileInUse) {
  step();
  const double averaged = average(0);
  {
    const AveragedParameters in_use(&average_);
    EXPECT_EQ(slices_[0].parameters[0].item<double>(), averaged);
    EXPECT_EQ(average(0), 0.9);
  }
  EXPECT_EQ(slices_[0].parameters[0].item<double>(), 0.9);
  EXPECT_EQ(average(0), averaged);
}

TEST_F(MovingAverageTest, NamesItsTensorsAsTheParameters) {
  const State state = average_.state();
  ASSERT_EQ(state.tensors.size(), 2u);
  EXPECT_EQ(state.tensors[0].name, "trunk.weight");
  EXPECT_EQ(state.tensors[0].shape, std::vector<int64_t>{2});
  EXPECT_EQ(state.tensors[1].name, "heads.shape.weight");
}

}  // namespace
}  // namespace trunkline
