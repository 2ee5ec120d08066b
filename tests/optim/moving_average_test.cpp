// The moving average: its formula, which slices move, and that swapping loses no bit.
#include "trunkline/optim/moving_average.hpp"

#include <gtest/gtest.h>

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

  double parameter(std::size_t slice) { return slices_[slice].parameters[0].item<double>(); }

  double average(std::size_t slice) {
    const AveragedParameters in_use(&average_);
    return parameter(slice);
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
  double expected = 1.0, value = 1.0;
  for (const double decay : {2.0 / 11.0, 0.25, 0.25}) {
    value -= 0.1;
    expected = decay * expected + (1.0 - decay) * value;
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

TEST_F(MovingAverageTest, TakesThePlaceOfTheParametersWhileInUse) {
  step();
  const double averaged = average(0);
  {
    const AveragedParameters in_use(&average_);
    EXPECT_EQ(parameter(0), averaged);
    EXPECT_EQ(average(0), 0.9);  // exchanged twice
  }
  EXPECT_EQ(parameter(0), 0.9);
  EXPECT_EQ(average(0), averaged);
}

TEST_F(MovingAverageTest, BeginsAgainFromTheParameters) {
  step();
  average_.reset();
  EXPECT_EQ(average(0), parameter(0));
}

}  // namespace
}  // namespace trunkline
