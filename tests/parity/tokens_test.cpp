// A transformer on rows of tokens means the same in every layout, its labels per token included.
#include <gtest/gtest.h>

#include "parity/tasks_file.hpp"
#include "parity/training.hpp"

namespace trunkline::test {
namespace {

constexpr int64_t kSteps = 20;
constexpr std::size_t kRows = 41, kLength = 7;

// Rows of 1 to 7 tokens with an intent and slots; rows weigh differently, some slots are missing,
// and some rows have none at all.
std::string write_tokens_config(const TemporaryFolder& folder) {
  std::vector<int64_t> x;
  std::vector<int8_t> slots;
  std::vector<float> weight;
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::size_t used = 1 + key({1, row}) % kLength;
    for (std::size_t j = 0; j < kLength; ++j) {
      const uint64_t k = key({2, row, j});
      x.push_back(j < used ? static_cast<int64_t>(1 + k % 12) : 0);
      const bool labelled = j < used && key({3, row, j}) % 4 > 0 && row % 6 > 0;
      slots.push_back(labelled ? static_cast<int8_t>(mix(k) % 5) : int8_t{-1});
    }
    weight.push_back(0.25f * static_cast<float>(row % 5));
  }
  H5Writer(folder / "tokens.h5")
      .write("x", {kRows, kLength}, x)
      .number("x", "vocabulary", 13)
      .column("intent", random_bytes(kRows, 4, 3))
      .write("slots", {kRows, kLength}, slots)
      .column("slots_weight", weight)
      .number("slots", "ignore_value", -1)
      .text("slots", "kind", "token_classification")
      .texts("slots", "class_names", {"O", "B-a", "I-a", "B-b", "I-b"});
  return folder.text("tokens.yaml", R"(
run: {name: tokens, seed: 5}
sources: {requests: {file: tokens.h5, batch: 12}}
trunk: {kind: transformer, width: 8, heads: 2, window: 3, word_dropout: 0.2, dropout: 0.2}
tasks:
  intent: {source: requests, target: intent, kind: classification}
  slots: {source: requests, target: slots, label_smoothing: 0.1, head: {widths: [6], dropout: 0.1}}
train: {steps: 20, precision: float64, optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}}
)");
}

std::vector<Cut> cuts() {
  return {{"Data2", 2},
          {"Data3", 3},
          {"Data4", 4},
          {"Data7", 7},
          {"Task2", 2, {"layout.kind=task"}},
          {"Task3", 3, {"layout.kind=task"}},
          {"Task7", 7, {"layout.kind=task"}},
          {"Auto2", 2, {"layout.kind=auto"}},
          {"Uneven3", 3, {"layout.kind=explicit", "layout.tasks={intent: [0, 1], slots: [1, 2]}"}},
          {"Accumulate1", 1, {"train.accumulate=5"}},
          {"Overlap3", 3, {"comm={overlap: on, bucket_mib: 0.0001}", "train.accumulate=2"}}};
}

class TokensParity : public testing::TestWithParam<Cut> {
 protected:
  double difference(const std::vector<std::string>& both) const {
    const TemporaryFolder folder;
    const std::string config = write_tokens_config(folder);
    Cut cut = GetParam();
    cut.overrides.insert(cut.overrides.end(), both.begin(), both.end());
    return largest_difference(train_steps(config, cut, kSteps),
                              train_steps(config, {"single", 1, both}, kSteps));
  }
};

TEST_P(TokensParity, Float64) { EXPECT_LT(difference({}), 1e-10); }

TEST_P(TokensParity, WithAClassTokenAndBalancedClasses) {
  EXPECT_LT(difference({"trunk.pooling=cls", "tasks.slots.class_weights=balanced"}), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Cuts, TokensParity, testing::ValuesIn(cuts()),
                         [](const auto& cut) { return cut.param.name; });

TEST(TokenMetrics, HoldOverLayouts) {
  const TemporaryFolder folder;
  const std::string config = write_tokens_config(folder);
  const auto single = outcome_of(config, {"single"}, kSteps).metrics;
  EXPECT_GT(single.at("slots.span_f1"), 0.0);
  for (const Cut& cut : cuts())
    for (const auto& [name, value] : outcome_of(config, cut, kSteps).metrics)
      EXPECT_NEAR(value, single.at(name), name.ends_with("loss") ? 1e-9 : 0.0)
          << cut.name << " " << name;
}

std::string refusal(const std::string& override_) {
  const TemporaryFolder folder;
  const std::string config = write_tokens_config(folder);
  return message_of([&] { train_steps(config, {"bad", 1, {override_}}, 1); });
}

TEST(Tokens, AreRefusedInOneLineWhereTheyDoNotFit) {
  EXPECT_EQ(refusal("trunk={kind: mlp}"),
            "tasks.slots.kind: token_classification needs a trunk that gives tokens; use "
            "trunk.kind: transformer");
  EXPECT_EQ(refusal("sources.requests.normalize=true"),
            "sources.requests.normalize: x holds tokens, which are names and no quantities; leave "
            "the key out");
  EXPECT_EQ(refusal("trunk.vocabulary=12"),
            "trunk.vocabulary: 12, but x has 13 tokens by its attribute; leave the key out");
  EXPECT_EQ(refusal("trunk.max_length=6"),
            "trunk.max_length: 6, but rows have 7 tokens; raise it, or leave it out");
}

}  // namespace
}  // namespace trunkline::test
