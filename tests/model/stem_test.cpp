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
