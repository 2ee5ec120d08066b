// Stored inputs become channels-first numbers of the run's precision.
#include "trunkline/model/input.hpp"

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

FieldDescription image(std::vector<int64_t> shape, std::string layout) {
  FieldDescription field;
  field.name = "x";
  field.dtype = DType::kU8;
  field.shape = std::move(shape);
  field.layout = std::move(layout);
  return field;
}

at::Tensor bytes(const std::vector<int64_t>& shape, int64_t count) {
  return at::arange(count, c10::kByte).reshape(shape);
}

TEST(PrepareInput, CastsAndScales) {
  FieldDescription field = image({4}, "");
  field.scale = {0.5};
  field.bias = {-1.0};
  const at::Tensor x = prepare_input(bytes({2, 4}, 8), field, c10::kFloat);
  EXPECT_EQ(x.scalar_type(), c10::kFloat);
  EXPECT_EQ(x[1][3].item<double>(), 7 * 0.5 - 1.0);
}

TEST(PrepareInput, PutsChannelsFirst) {
  const FieldDescription field = image({2, 3, 4}, "hwc");
  const at::Tensor stored = bytes({2, 2, 3, 4}, 48);
  const at::Tensor x = prepare_input(stored, field, c10::kDouble);
  EXPECT_EQ(input_shape(field), (std::vector<int64_t>{4, 2, 3}));
  EXPECT_EQ(x.sizes(), at::IntArrayRef({2, 4, 2, 3}));
  EXPECT_TRUE(x.is_contiguous());
  EXPECT_EQ(x[1][3][0][2].item<double>(), stored[1][0][2][3].item<double>());
}

TEST(PrepareInput, ScalesEachChannelInEitherLayout) {
  for (const char* layout : {"chw", "hwc"}) {
    FieldDescription field = image({2, 2, 2}, layout);
    field.scale = {1.0, 10.0};
    field.bias = {0.5};
    const at::Tensor stored = bytes({1, 2, 2, 2}, 8);
    const at::Tensor x = prepare_input(stored, field, c10::kDouble);
    const at::Tensor first = layout[0] == 'h' ? stored.movedim(-1, 1) : stored;
    EXPECT_EQ(x[0][1][1][0].item<double>(), first[0][1][1][0].item<double>() * 10.0 + 0.5);
    EXPECT_EQ(x[0][0][1][0].item<double>(), first[0][0][1][0].item<double>() + 0.5);
  }
}

TEST(PrepareInput, LeavesTheStoredTensorAlone) {
  FieldDescription field = image({2}, "");
  field.scale = {3.0};
  const at::Tensor stored = numbers({1, 2}, {1, 2});
  prepare_input(stored, field, c10::kDouble);
  EXPECT_EQ(stored[0][1].item<double>(), 2.0);
}

TEST(PrepareInput, MakesOneNumberPerRowAColumn) {
  const FieldDescription field = image({}, "");
  EXPECT_EQ(prepare_input(bytes({3}, 3), field, c10::kFloat).sizes(), at::IntArrayRef({3, 1}));
  EXPECT_EQ(input_shape(field), std::vector<int64_t>{1});
}

TEST(PrepareInput, RefusesAScaleThatFitsNoAxis) {
  FieldDescription field = image({3, 2, 2}, "chw");
  field.scale = {1.0, 2.0};
  EXPECT_EQ(message_of<DataError>([&] {
              prepare_input(bytes({1, 3, 2, 2}, 12), field, c10::kFloat);
            }),
            "x: attribute scale has 2 numbers; expected 1, or 3, one per channel");
}

TEST(PrepareInput, StandardisesEachChannelInEitherLayout) {
  const ColumnStatistics statistics{{1, 2}, {4, 0}};
  for (const char* layout : {"chw", "hwc"}) {
    const FieldDescription field = image({2, 2, 2}, layout);
    const at::Tensor stored = bytes({1, 2, 2, 2}, 8);
    const at::Tensor plain = prepare_input(stored, field, c10::kFloat);
    const at::Tensor x = prepare_input(stored, field, c10::kFloat, statistics);
    EXPECT_TRUE(x.select(1, 0).equal(plain.select(1, 0).sub(1).div(4)));
    EXPECT_TRUE(x.select(1, 1).equal(plain.select(1, 1).sub(2)));
  }
}

TEST(PrepareInput, KeepsTheDigitsOfInputsFarFromZero) {
  FieldDescription field = image({1}, "");
  field.dtype = DType::kF64;
  const at::Tensor x =
      prepare_input(numbers({1e9 + 1, 1e9 + 3}, {2, 1}), field, c10::kFloat, {{1e9 + 2}, {1}});
  EXPECT_EQ(x.scalar_type(), c10::kFloat);
  EXPECT_EQ(x[0][0].item<double>(), -1.0);
  EXPECT_EQ(x[1][0].item<double>(), 1.0);
}

TEST(InputChannels, AreColumnsOfVectorsAndFirstAxesOfImages) {
  EXPECT_EQ(input_channels(image({}, "")), 1);
  EXPECT_EQ(input_channels(image({9}, "")), 9);
  EXPECT_EQ(input_channels(image({28, 20}, "")), 1);
  EXPECT_EQ(input_channels(image({3, 28, 20}, "chw")), 3);
  EXPECT_EQ(input_channels(image({28, 20, 3}, "hwc")), 3);
}

TEST(InputShape, RefusesALayoutOfOtherRank) {
  EXPECT_THROW(input_shape(image({28, 28}, "hwc")), DataError);
}

}  // namespace
}  // namespace trunkline
