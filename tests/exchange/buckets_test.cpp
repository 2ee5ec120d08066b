#include "trunkline/exchange/buckets.hpp"

#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

namespace trunkline {
namespace {

using Range = std::pair<int64_t, int64_t>;

// Three parameters of four numbers in a flat gradient.
class BucketsTest : public testing::Test {
 protected:
  BucketsTest() {
    for (int64_t i = 0; i < 3; ++i) {
      at::Tensor parameter = at::zeros({4});
      parameter.set_requires_grad(true);
      parameter.mutable_grad() = flat_.narrow(0, 4 * i, 4).variable_data();
      entries_.push_back({parameter, 4 * i, 4 * i + 4});
    }
  }

  std::unique_ptr<Buckets> cut(int64_t bucket_elements) {
    return std::make_unique<Buckets>(
        entries_, 12, bucket_elements,
        [this](int64_t begin, int64_t end) { sent_.emplace_back(begin, end); });
  }

  void backward(const std::vector<int>& used) {
    at::Tensor sum = at::zeros({});
    for (const int i : used) sum = sum.add(entries_[i].parameter.sum());
    torch::autograd::backward({sum}, {});
  }

  at::Tensor flat_ = at::zeros({12});
  std::vector<BucketEntry> entries_;
  std::vector<Range> sent_;
};

TEST_F(BucketsTest, AreCutFromTheEnd) {
  const auto buckets = cut(5);
  EXPECT_EQ(buckets->size(), 2u);
  buckets->finish();
  EXPECT_EQ(sent_, (std::vector<Range>{{4, 12}, {0, 4}}));
}

TEST_F(BucketsTest, LeaveDuringBackwardInOrderOfTheCut) {
  const auto buckets = cut(4);
  buckets->arm();
  backward({0, 1, 2});
  EXPECT_EQ(sent_, (std::vector<Range>{{8, 12}, {4, 8}, {0, 4}}));
  buckets->finish();
  EXPECT_EQ(sent_.size(), 3u);
}

TEST_F(BucketsTest, WaitForThoseBeforeThem) {
  const auto buckets = cut(4);
  buckets->arm();
  backward({0, 1});  // the last parameter, first to leave, gets no gradient
  EXPECT_TRUE(sent_.empty());
  buckets->finish();
  EXPECT_EQ(sent_, (std::vector<Range>{{8, 12}, {4, 8}, {0, 4}}));
}

TEST_F(BucketsTest, KeepEverythingUntilTheLastBackward) {
  const auto buckets = cut(4);
  backward({0, 1, 2});
  EXPECT_TRUE(sent_.empty());
  buckets->arm();
  backward({2});
  EXPECT_EQ(sent_, (std::vector<Range>{{8, 12}}));
}

TEST_F(BucketsTest, LetGoOfParameters) {
  cut(4).reset();
  backward({0, 1, 2});
  EXPECT_TRUE(sent_.empty());
}

}  // namespace
}  // namespace trunkline
