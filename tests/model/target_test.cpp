// Labels out of batches: types, shapes, missing ones, and what is refused.
#include <gtest/gtest.h>

#include "task_support.hpp"
#include "trunkline/model/to_vector.hpp"

namespace trunkline {
namespace {

using Fields = std::map<std::string, at::Tensor>;

Target target(const TaskOptions& options, const FieldDescription& field, Fields fields) {
  return task_of(options, field)->target(batch_of(std::move(fields)), c10::kDouble);
}

template <class E>
std::string refusal(const TaskOptions& options, const FieldDescription& field,
                    const Fields& fields) {
  return message_of<E>([&] { target(options, field, fields); });
}

const TaskOptions kClassification = task_options("classification");
const TaskOptions kMultilabel = task_options("multilabel");
const TaskOptions kRegression = task_options("regression");
const FieldDescription kFourClasses = target_field(DType::kI64, {}, 4);

TEST(ClassificationTarget, ReadsEveryTypeAndShapeOfLabel) {
  const at::Tensor labels = integers({0, 3, 1});
  const at::Tensor one_hot = numbers({1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0}, {3, 4});
  for (const at::Tensor& stored :
       {labels, labels.to(c10::kByte), labels.to(c10::kUInt16), labels.to(c10::kFloat),
        labels.reshape({3, 1}), one_hot, one_hot.to(c10::kByte)}) {
    FieldDescription field = kFourClasses;
    if (stored.dim() == 2) field.shape = {stored.size(1)};
    const Target t = target(kClassification, field, {{"y", stored}});
    EXPECT_EQ(to_vector<int64_t>(t.values), (std::vector<int64_t>{0, 3, 1}));
    EXPECT_EQ(t.valid.sizes(), at::IntArrayRef({3}));
    EXPECT_EQ(t.valid.sum().item<int64_t>(), 3);
  }
}

TEST(ClassificationTarget, LeavesOutWhatTheCompanionOrTheMarkerSaysIsMissing) {
  FieldDescription field = kFourClasses;
  field.ignore_value = -1;
  const Target t = target(kClassification, field,
                          {{"y", integers({-1, 99, 2})}, {"y_valid", integers({1, 0, 1})}});
  EXPECT_EQ(to_vector<uint8_t>(t.valid), (std::vector<uint8_t>{0, 0, 1}));
  EXPECT_EQ(to_vector<int64_t>(t.values), (std::vector<int64_t>{0, 0, 2}));
}

TEST(ClassificationTarget, TakesTheConfiguredMarkerInsteadOfTheFiles) {
  FieldDescription field = kFourClasses;
  field.ignore_value = 3;
  const Target t =
      target(task_options("classification", "255"), field, {{"y", integers({255, 3})}});
  EXPECT_EQ(to_vector<uint8_t>(t.valid), (std::vector<uint8_t>{0, 1}));
}

TEST(ClassificationTarget, LeavesOutOneHotRowsThatAreMissing) {
  const FieldDescription field = target_field(DType::kF32, {2}, 2);
  const Target t = target(task_options("classification", "nan"), field,
                          {{"y", numbers({kNan, kNan, 0, 1}, {2, 2})}});
  EXPECT_EQ(to_vector<uint8_t>(t.valid), (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(to_vector<int64_t>(t.values), (std::vector<int64_t>{0, 1}));
}

TEST(ClassificationTarget, NamesTheRowOfALabelThatCannotBe) {
  const auto said = [](const at::Tensor& labels) {
    return refusal<DataError>(kClassification, kFourClasses, {{"y", labels}});
  };
  const std::string end = ", classes 0..3; mend the file or mark the label as missing";
  EXPECT_EQ(said(integers({0, 4})), "source shapes: y: label 4 at row 301" + end);
  EXPECT_EQ(said(integers({-1, 4})), "source shapes: y: label -1 at row 300" + end);
  EXPECT_EQ(said(numbers({0, 1, 2.5}, {3})), "source shapes: y: label 2.5 at row 302" + end);
  EXPECT_EQ(said(numbers({0, kNan}, {2})), "source shapes: y: label nan at row 301" + end);
}

TEST(ClassificationTarget, RefusesRowsThatAreNotOneHot) {
  const FieldDescription field = target_field(DType::kU8, {2});
  EXPECT_EQ(refusal<DataError>(kClassification, field, {{"y", numbers({0, 1, 1, 1}, {2, 2})}}),
            "source shapes: y: label 1 at row 301, column 0, expected one-hot rows with exactly "
            "one 1; mend the file or mark the label as missing");
}

TEST(MultilabelTarget, LeavesOutSingleEntries) {
  const FieldDescription field = target_field(DType::kF32, {2});
  const Target t =
      target(task_options("multilabel", "nan"), field, {{"y", numbers({1, kNan, 0, 1}, {2, 2})}});
  EXPECT_EQ(to_vector<uint8_t>(t.valid), (std::vector<uint8_t>{1, 0, 1, 1}));
  EXPECT_EQ(to_vector<double>(t.values), (std::vector<double>{1, 0, 0, 1}));
}

TEST(MultilabelTarget, AppliesACompanionPerRowOrPerEntry) {
  const FieldDescription field = target_field(DType::kU8, {2});
  const at::Tensor labels = numbers({1, 0, 0, 1}, {2, 2}).to(c10::kByte);
  const Target rows = target(kMultilabel, field, {{"y", labels}, {"y_valid", integers({0, 1})}});
  EXPECT_EQ(to_vector<uint8_t>(rows.valid), (std::vector<uint8_t>{0, 0, 1, 1}));
  const at::Tensor per_entry = integers({0, 1, 1, 1}).reshape({2, 2});
  const Target entries = target(kMultilabel, field, {{"y", labels}, {"y_valid", per_entry}});
  EXPECT_EQ(to_vector<uint8_t>(entries.valid), (std::vector<uint8_t>{0, 1, 1, 1}));
}

TEST(MultilabelTarget, RefusesOtherNumbersThanZeroAndOne) {
  EXPECT_EQ(refusal<DataError>(kMultilabel, target_field(DType::kF32, {2}),
                               {{"y", numbers({1, 0, 0, 2}, {2, 2})}}),
            "source shapes: y: label 2 at row 301, column 1, expected 0 or 1; mend the file or "
            "mark the label as missing");
}

TEST(RegressionTarget, AppliesScaleAndBiasOfTheFile) {
  FieldDescription field = target_field(DType::kI16, {2});
  field.scale = {0.5, 2.0};
  field.bias = {1.0};
  const Target t = target(kRegression, field, {{"y", integers({4, 5}).reshape({1, 2})}});
  EXPECT_EQ(to_vector<double>(t.values), (std::vector<double>{3, 11}));
}

TEST(RegressionTarget, KeepsNoMissingNumber) {
  const at::Tensor labels = numbers({kNan, 2, -999, 3}, {4});
  const Target t = target(task_options("regression", "-999"), target_field(DType::kF64),
                          {{"y", labels}, {"y_valid", integers({0, 1, 1, 1})}});
  EXPECT_EQ(to_vector<double>(t.values), (std::vector<double>{0, 2, 0, 3}));
  EXPECT_EQ(to_vector<uint8_t>(t.valid), (std::vector<uint8_t>{0, 1, 0, 1}));
}

TEST(RegressionTarget, NamesTheRowOfALabelThatIsNotFinite) {
  EXPECT_EQ(
      refusal<DataError>(kRegression, target_field(DType::kF64), {{"y", numbers({1, kNan}, {2})}}),
      "source shapes: y: label nan at row 301, expected a finite number; mend the file or "
      "mark the label as missing");
}

TEST(RegressionTarget, RefusesWhatSinglePrecisionCannotHold) {
  const auto task = task_of(kRegression, target_field(DType::kF64));
  const Batch batch = batch_of({{"y", numbers({1e300}, {1})}});
  EXPECT_NO_THROW(task->target(batch, c10::kDouble));
  EXPECT_THROW(task->target(batch, c10::kFloat), DataError);
}

TEST(Target, WeighsRowsByTheirCompanion) {
  const Target weighted =
      target(kRegression, target_field(DType::kF64),
             {{"y", numbers({1, 2}, {2})}, {"y_weight", numbers({0.5, 2}, {2}).to(c10::kFloat)}});
  EXPECT_EQ(to_vector<double>(weighted.weight), (std::vector<double>{0.5, 2}));
  const Target plain =
      target(kRegression, target_field(DType::kF64), {{"y", numbers({1, 2}, {2})}});
  EXPECT_EQ(to_vector<double>(plain.weight), (std::vector<double>{1, 1}));
}

TEST(Target, OfARankWithoutSlotsIsEmpty) {
  const Batch nothing{"shapes", 0, {}, {}, {}};
  const Target t =
      task_of(kMultilabel, target_field(DType::kU8, {3}))->target(nothing, c10::kFloat);
  EXPECT_EQ(t.values.sizes(), at::IntArrayRef({0, 3}));
  EXPECT_EQ(t.weight.numel(), 0);
}

}  // namespace
}  // namespace trunkline
