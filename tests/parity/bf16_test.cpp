// bf16 is float32 training with a coarser forward pass: a relative rounding of 2^-9 = 0.002 in the
// factors of each product and in each rank's part of a layer's gradient. Parts of noisy gradients
// partly cancel, so errors of the sum are larger, and more so on more ranks.
#include <gtest/gtest.h>

#include "learn/episodes_file.hpp"
#include "parity/training.hpp"
#include "support/h5_fixture.hpp"
#include "trunkline/learn/step_actions.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 20;
constexpr double kTolerance = 0.1;  // biases of norms start at zero: of all that they moved

Weights trained(const std::string& config, int ranks, const std::string& precision) {
  return train_steps(
      config, {precision, ranks, {"train.precision=" + precision, "train.optimizer.momentum=0"}},
      kSteps);
}

TEST(Bf16, StaysNearFloat32OnAnyNumberOfRanks) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  const Weights float32 = trained(config, 1, "float32");
  for (const int ranks : {1, 3})
    EXPECT_LT(largest_difference(trained(config, ranks, "bf16"), float32), kTolerance) << ranks;
}

TEST(Bf16, IsNotFloat32) {
  const TemporaryFolder folder;
  const std::string config = write_parity_config(folder / "");
  EXPECT_GT(largest_difference(trained(config, 1, "bf16"), trained(config, 1, "float32")), 1e-5);
}

// Second derivatives go through the casts. Inner steps make errors larger.
TEST(Bf16, MetaStepsStayNearFloat32AndAreNotIt) {
  const TemporaryFolder folder;
  for (const std::string algorithm : {"maml", "fomaml", "anil", "reptile"}) {
    const std::string config = write_meta_config(folder / "", "algorithm: " + algorithm);
    const auto learned = [&](int ranks, const std::string& precision) {
      return train_steps(config, {precision, ranks, {"train.precision=" + precision}}, 4,
                         make_step_actions);
    };
    const Weights float32 = learned(1, "float32");
    for (const int ranks : {1, 3}) {
      const double difference = largest_difference(learned(ranks, "bf16"), float32);
      EXPECT_LT(difference, 3 * kTolerance) << algorithm << " on " << ranks;
      EXPECT_GT(difference, 1e-5) << algorithm << " on " << ranks;
    }
  }
}

}  // namespace
}  // namespace trunkline::test
