// Spans of BIO labels and their F1, against counts made by hand from the definition.
#include "trunkline/model/spans.hpp"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

// Classes 0 O, 1 B-city, 2 I-city, 3 B-date, 4 I-date; types city 0, date 1.
const SpanTags kTags = *SpanTags::read({"O", "B-city", "I-city", "B-date", "I-date"});

std::vector<Span> spans(const std::vector<int64_t>& classes) { return kTags.spans(classes); }

TEST(SpanTags, FindSpansOfSeveralTokens) {
  EXPECT_EQ(spans({0, 1, 2, 2, 0, 3}), (std::vector<Span>{{0, 1, 4}, {1, 5, 6}}));
  EXPECT_TRUE(spans({0, 0}).empty());
  EXPECT_TRUE(spans({}).empty());
}

TEST(SpanTags, BeginANewSpanAtEachB) {
  EXPECT_EQ(spans({1, 1, 2}), (std::vector<Span>{{0, 0, 1}, {0, 1, 3}}));
}

TEST(SpanTags, LetAnIWithoutItsSpanBeginOne) {
  EXPECT_EQ(spans({2, 2, 0, 4}), (std::vector<Span>{{0, 0, 2}, {1, 3, 4}}));
  EXPECT_EQ(spans({1, 4, 4}), (std::vector<Span>{{0, 0, 1}, {1, 1, 3}}));
  EXPECT_EQ(spans({1, 0, 2}), (std::vector<Span>{{0, 0, 1}, {0, 2, 3}}));
}

TEST(SpanTags, KnowTypesByNameAndNotByOrder) {
  const auto tags = SpanTags::read({"I-a", "O", "B-b", "B-a"});
  ASSERT_TRUE(tags.has_value());
  EXPECT_EQ(tags->spans(std::vector<int64_t>{3, 0, 2}), (std::vector<Span>{{0, 0, 2}, {1, 2, 3}}));
}

TEST(SpanTags, AreAbsentWhereNamesAreNotBio) {
  EXPECT_FALSE(SpanTags::read({}).has_value());
  EXPECT_FALSE(SpanTags::read({"noun", "verb"}).has_value());
  EXPECT_FALSE(SpanTags::read({"O", "B-"}).has_value());
}

TEST(SpanScore, CountsExactMatchesOfTypeBeginAndEnd) {
  SpanScore score;
  EXPECT_FALSE(score.f1().has_value());
  score.add(spans({0, 1, 2, 0, 3}), spans({0, 1, 2, 0, 3}));  // 2 of 2
  score.add(spans({1, 2, 0, 3}), spans({1, 0, 0, 1}));        // 0 of 2: an end, a type
  score.add(spans({0, 0, 1}), spans({1, 0, 1}));              // 1 of 1, and one too many
  // 5 labelled, 6 predicted, 3 matched.
  EXPECT_DOUBLE_EQ(*score.f1(), 6.0 / 11.0);
}

TEST(SpanScore, MergesToWhatOneAccumulatorHolds) {
  SpanScore whole, first, second;
  whole.add(spans({1, 2}), spans({1, 2}));
  first.add(spans({1, 2}), spans({1, 2}));
  whole.add(spans({3, 4, 0}), spans({3, 0, 1}));
  second.add(spans({3, 4, 0}), spans({3, 0, 1}));
  std::vector<double> state;
  second.save(state);
  std::span<const double> rest = state;
  first.merge(rest);
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(first.f1(), whole.f1());
  EXPECT_DOUBLE_EQ(*whole.f1(), 2.0 / 5.0);
}

}  // namespace
}  // namespace trunkline
