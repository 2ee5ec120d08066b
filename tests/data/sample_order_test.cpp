// The canonical order against its published vectors, and the promises that are made of it.
//
// The example: files of 37, 5 and 911 rows in groups of 16, seed 42, source "shapes", B = 24, C =
// 8, W = 4. Its numbers come from an independent implementation of the specification.
#include "trunkline/data/sample_order.hpp"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

constexpr int64_t kPadding = -1;

std::vector<int64_t> groups_of(const std::vector<int64_t>& files, int64_t group_rows) {
  std::vector<int64_t> begin = {0};
  for (const int64_t rows : files) {
    const int64_t file_begin = begin.back();
    for (int64_t row = 0; row < rows; row += group_rows)
      begin.push_back(file_begin + std::min(rows, row + group_rows));
  }
  return begin;
}

struct Example {
  std::vector<int64_t> groups = groups_of({37, 5, 911}, 16);
  OrderParameters order = {953, 61, 16, 8, 4};
  OrderSeed seed = {42, name_key("shapes")};
  int64_t batch = 24;
  Tail tail = Tail::kPad;

  int64_t row(int64_t k, int64_t slot) const {
    const auto at = slot_position(order, batch, tail, k, slot);
    if (!at) return kPadding;
    const int64_t window_rows = order.window_groups * order.group_rows;
    const LaneWindow window = lane_window(order, seed, at->epoch, at->lane, at->row / window_rows);
    return GroupStream(groups, seed, at->epoch).ordinal(window.position(at->row % window_rows));
  }

  std::vector<int64_t> rows(int64_t k, int64_t begin, int64_t end) const {
    std::vector<int64_t> rows;
    for (int64_t slot = begin; slot < end; ++slot) rows.push_back(row(k, slot));
    return rows;
  }

  std::vector<int64_t> epoch(int64_t e) const {
    std::vector<int64_t> all;
    const int64_t steps = batches_per_epoch(order, batch, tail);
    for (int64_t k = e * steps; k < (e + 1) * steps; ++k)
      for (const int64_t r : rows(k, 0, batch))
        if (r != kPadding) all.push_back(r);
    return all;
  }
};

uint64_t fnv_of_text(const std::vector<int64_t>& rows) {
  return name_key(fmt::format("{}", fmt::join(rows, ",")));
}

TEST(SampleOrder, ExampleHasItsPublishedRows) {
  const Example example;
  EXPECT_EQ(example.groups.size(), 62u);
  EXPECT_EQ(batches_per_epoch(example.order, 24, Tail::kPad), 40);
  EXPECT_EQ(example.rows(0, 0, 8), (std::vector<int64_t>{810, 132, 814, 101, 655, 537, 451, 453}));
  EXPECT_EQ(example.rows(79, 0, 8),
            (std::vector<int64_t>{306, 168, kPadding, 609, 454, kPadding, 674, 785}));
}

TEST(SampleOrder, ExampleHasItsPublishedHashes) {
  const Example example;
  EXPECT_EQ(fnv_of_text(example.epoch(0)), 0x141a289d5e74268fu);
  EXPECT_EQ(fnv_of_text(example.epoch(1)), 0x270f506304d64581u);
}

void expect_each_row_once(const std::vector<int64_t>& files, int64_t group_rows, int64_t batch) {
  Example example;
  example.groups = groups_of(files, group_rows);
  const int64_t rows = example.groups.back();
  const auto groups = static_cast<int64_t>(example.groups.size()) - 1;
  example.order = choose_order(rows, groups, group_rows, batch, 7);
  example.batch = batch;
  std::vector<int64_t> seen = example.epoch(3);
  std::ranges::sort(seen);
  ASSERT_EQ(static_cast<int64_t>(seen.size()), rows);
  for (int64_t row = 0; row < rows; ++row) EXPECT_EQ(seen[static_cast<std::size_t>(row)], row);
}

TEST(SampleOrder, EachRowComesOncePerEpochForSeveralFiles) {
  expect_each_row_once({37, 5, 911}, 16, 24);
  expect_each_row_once({1, 1, 1, 64}, 8, 10);
}

TEST(SampleOrder, EachRowComesOncePerEpochWithFewerRowsThanABatch) {
  expect_each_row_once({7}, 4, 24);
  expect_each_row_once({1}, 4, 24);
}

TEST(SampleOrder, AllBatchesButTheLastAreFull) {
  const Example example;
  for (int64_t k = 0; k < 39; ++k)
    EXPECT_EQ(std::ranges::count(example.rows(k, 0, 24), kPadding), 0);
  EXPECT_EQ(std::ranges::count(example.rows(39, 0, 24), kPadding), 24 - 953 % 24);
}

TEST(SampleOrder, DropLeavesTheRestOut) {
  Example example;
  example.tail = Tail::kDrop;
  EXPECT_EQ(batches_per_epoch(example.order, 24, Tail::kDrop), 39);
  EXPECT_EQ(example.epoch(0).size(), 39u * 24u);
}

TEST(SampleOrder, ContinuousLanesGoOnIntoTheNextEpoch) {
  Example example;
  const int64_t length =
      lane_length(example.order, 0);  // 119 rows, 3 per batch: 39 and 2/3 batches
  const int64_t next_epoch_first = example.row(40, 0);
  example.tail = Tail::kContinuous;
  const auto at = slot_position(example.order, 24, Tail::kContinuous, 39, 2);
  EXPECT_EQ(length, 119);
  EXPECT_EQ(at->epoch, 1);
  EXPECT_EQ(at->row, 0);
  EXPECT_EQ(example.row(39, 2), next_epoch_first);
}

TEST(SampleOrder, RangesOfTheStreamAreItsOrdinals) {
  const std::vector<int64_t> groups = {0, 4, 4, 9, 10};  // the second group has no selected row
  const GroupStream stream(groups, {1, 2}, 3);
  for (int64_t begin = 0; begin < 10; ++begin)
    for (const StreamRange& range : stream.ranges(begin, 10 - begin))
      for (int64_t i = 0; i < range.rows; ++i)
        EXPECT_EQ(stream.ordinal(range.stream + i), range.ordinal + i);
}

TEST(SampleOrder, LanesDivideTheBatchAndFitThePlay) {
  EXPECT_EQ(choose_order(1000, 100, 10, 256, 1000), (OrderParameters{1000, 100, 10, 64, 1}));
  EXPECT_EQ(choose_order(1000, 100, 10, 24, 20), (OrderParameters{1000, 100, 10, 12, 1}));
  EXPECT_EQ(choose_order(5, 1, 10, 24, 20), (OrderParameters{5, 1, 10, 1, 1}));
  EXPECT_EQ(choose_order(1000, 100, 10, 7, 50), (OrderParameters{1000, 100, 10, 7, 7}));
}

TEST(SampleOrder, UnknownTailIsRefused) { EXPECT_THROW(tail_named("wrap"), UsageError); }

}  // namespace
}  // namespace trunkline
