// Stems: what they give to the trunk, and what they refuse.
#include "trunkline/model/stem.hpp"

#include <gtest/gtest.h>

#include "small_model.hpp"

namespace trunkline {
namespace {

StemOptions conv(std::vector<int64_t> channels, std::vector<int64_t> size = {}) {
  StemOptions options;
  options.kind = options.network.kind = "conv";
  options.network.channels = std::move(channels);
  options.size = std::move(size);
  return options;
}

StemOptions mlp(std::vector<int64_t> widths) {
  StemOptions options;
  options.kind = options.network.kind = "mlp";
  options.network.widths = std::move(widths);
  return options;
}

// Rows of a stem's output for two rows of input.
std::vector<int64_t> output_rows(const Stem& stem, std::vector<int64_t> input_shape) {
  input_shape.insert(input_shape.begin(), 2);
  const std::vector<at::Tensor> parameters = materialize(stem.parameters(), "stems.s.");
  return stem.forward(parameters, noise("x", input_shape), {}).sizes().slice(1).vec();
}

TEST(Stem, OfTrunkKindGivesItsFeatures) {
  const auto stem = make_stem(mlp({9, 4}), "s", {5});
  EXPECT_EQ(stem->output_shape(), (std::vector<int64_t>{4}));
  EXPECT_EQ(output_rows(*stem, {5}), stem->output_shape());
}

TEST(Stem, ConvKeepsTheSizeOfImages) {
  const auto stem = make_stem(conv({6, 3}), "s", {1, 10, 12});
  EXPECT_EQ(stem->output_shape(), (std::vector<int64_t>{3, 10, 12}));
  EXPECT_EQ(output_rows(*stem, {1, 10, 12}), stem->output_shape());
}

TEST(Stem, ConvBringsImagesToASize) {
  const auto stem = make_stem(conv({3}, {8, 7}), "s", {28, 28});
  EXPECT_EQ(stem->output_shape(), (std::vector<int64_t>{3, 8, 7}));
  EXPECT_EQ(output_rows(*stem, {28, 28}), stem->output_shape());
}

TEST(Stem, RefusesRowsThatAreNoImagesNamingTheSource) {
  EXPECT_EQ(message_of<UsageError>([] { make_stem(conv({3}), "gas", {11}); }),
            "sources.gas.stem.kind: conv reads images (channels, height, width), but rows have "
            "shape (11); use kind: mlp");
}

FieldDescription table_field(std::vector<int64_t> codes) {
  FieldDescription field;
  field.name = "x";
  field.columns = {"age", "colour", "height", "size"};
  field.codes = std::move(codes);
  return field;
}

StemOptions table(std::vector<int64_t> codes = {}, std::vector<int64_t> embedding = {}) {
  StemOptions options;
  options.kind = options.network.kind = "table";
  options.codes = std::move(codes);
  options.embedding = std::move(embedding);
  return options;
}

TEST(TableStem, GivesNumbersAndThenTheVectorsOfCodes) {
  const auto stem = make_stem(table({}, {2}), "s", {4}, table_field({0, 3, 0, 2}));
  EXPECT_EQ(stem->output_shape(), (std::vector<int64_t>{6}));
  EXPECT_EQ(stem->parameters()[0].name, "embedding1.weight");
  const std::vector<at::Tensor> parameters = {numbers({1, 2, 3, 4, 5, 6}, {3, 2}),
                                              numbers({7, 8, 9, 10}, {2, 2})};
  const at::Tensor x = numbers({0.5, 2, 1.5, 0, -1, 0, -2, 1}, {2, 4});
  EXPECT_TRUE(stem->forward(parameters, x, {})
                  .equal(numbers({0.5, 1.5, 5, 6, 7, 8, -1, -2, 1, 2, 9, 10}, {2, 6})));
}

TEST(TableStem, WidthsGrowWithTheNumberOfCodesUnlessGiven) {
  const auto width = [](const StemOptions& options) {
    return make_stem(options, "s", {4}, table_field({0, 3, 0, 100}))->output_shape()[0];
  };
  EXPECT_EQ(width(table()), 2 + 3 + 21);
  EXPECT_EQ(width(table({}, {4, 5})), 2 + 4 + 5);
  EXPECT_EQ(width(table({0, 0, 7, 0}, {4})), 3 + 4);
}

TEST(TableStem, RefusesWhatIsNoCodeNamingColumnRowAndValue) {
  const auto stem = make_stem(table(), "s", {4}, table_field({0, 3, 0, 2}));
  const std::vector<at::Tensor> parameters = materialize(stem->parameters(), "stems.s.");
  for (const double bad : {3.0, -1.0, 0.5, kNan})
    EXPECT_EQ(message_of<DataError>([&] {
                const at::Tensor x = numbers({0, 0, 0, 0, 1, bad, 1, 1}, {2, 4});
                stem->forward(parameters, x, training({40, 41}));
              }),
              fmt::format("source s: x: column colour, row 41: {} is no code of 0 to 2; convert "
                          "the table with the codes of the training file (--like), or mend "
                          "sources.s.stem.codes",
                          bad));
}

std::string table_refusal(const StemOptions& options, const FieldDescription& field) {
  return message_of<UsageError>([&] { make_stem(options, "s", {4}, field); });
}

TEST(TableStem, SaysWhatDoesNotFit) {
  EXPECT_EQ(table_refusal(table(), table_field({})),
            "sources.s.stem.kind: table, but x does not say which columns are codes; convert with "
            "--text codes, or give sources.s.stem.codes");
  EXPECT_EQ(table_refusal(table({2, 0}), table_field({})),
            "sources.s.stem.codes: 2 numbers, but rows have 4 columns; give one for each, 0 for a "
            "column of numbers");
  EXPECT_EQ(table_refusal(table({0, 0, 0, 0}), table_field({})),
            "sources.s.stem.kind: table, but no column has codes; take kind: none");
  EXPECT_EQ(table_refusal(table({}, {2, 3, 4}), table_field({0, 3, 0, 2})),
            "sources.s.stem.embedding: 3 widths, but 2 columns have codes; give one width, or one "
            "for each");
}

TEST(Stem, DropsOtherElementsThanATrunkOfTheSameKind) {
  StemOptions options = mlp({64});
  options.network.dropout = 0.5;
  const auto stem = make_stem(options, "s", {64});
  const auto trunk = make_trunk(options.network, {64});
  const std::vector<at::Tensor> parameters = materialize(stem->parameters(), "same.");
  const at::Tensor x = noise("x", {1, 64});
  EXPECT_FALSE(stem->forward(parameters, x, training({1}))
                   .equal(trunk->forward(parameters, x, training({1})).features));
}

}  // namespace
}  // namespace trunkline
