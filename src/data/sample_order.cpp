#include "trunkline/data/sample_order.hpp"

#include <algorithm>

#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

constexpr int64_t kMaxLanes = 64;
constexpr int64_t kMaxGroupsInPlay = 256;

uint64_t word(int64_t value) { return static_cast<uint64_t>(value); }

}  // namespace

Tail tail_named(const std::string& name) {
  if (name == "pad") return Tail::kPad;
  if (name == "drop") return Tail::kDrop;
  check<UsageError>(name == "continuous",
                    "tail: unknown value \"{}\"; expected pad, drop or continuous", name);
  return Tail::kContinuous;
}

OrderParameters choose_order(int64_t rows, int64_t groups, int64_t group_rows, int64_t batch,
                             int64_t groups_in_budget) {
  ensure(rows > 0 && groups > 0 && batch > 0 && groups_in_budget > 0, "an order of no rows");
  const int64_t play = std::min({groups, kMaxGroupsInPlay, groups_in_budget});
  int64_t lanes = std::min({kMaxLanes, rows, play, batch});
  while (batch % lanes != 0) --lanes;
  return {rows, groups, group_rows, lanes, std::max<int64_t>(1, play / lanes)};
}

int64_t lane_begin(const OrderParameters& order, int64_t lane) {
  return order.rows * lane / order.lanes;
}

int64_t lane_length(const OrderParameters& order, int64_t lane) {
  return lane_begin(order, lane + 1) - lane_begin(order, lane);
}

int64_t batches_per_epoch(const OrderParameters& order, int64_t batch, Tail tail) {
  if (tail == Tail::kContinuous) return 0;
  return tail == Tail::kDrop ? order.rows / batch : (order.rows + batch - 1) / batch;
}

int64_t unused_epoch(const OrderParameters& order, int64_t batch, int64_t steps) {
  const int64_t fewest_batches = std::max<int64_t>(1, order.rows / batch);
  const int64_t shortest_lane = order.rows / order.lanes;
  return std::max(steps / fewest_batches, steps * (batch / order.lanes) / shortest_lane) + 1;
}

std::optional<LanePosition> slot_position(const OrderParameters& order, int64_t batch, Tail tail,
                                          int64_t k, int64_t slot) {
  const int64_t per_lane = batch / order.lanes;
  const int64_t lane = slot / per_lane;
  const int64_t length = lane_length(order, lane);
  if (tail == Tail::kContinuous) {
    const int64_t taken = k * per_lane + slot % per_lane;
    return LanePosition{taken / length, lane, taken % length};
  }
  const int64_t per_epoch = batches_per_epoch(order, batch, tail);
  const int64_t row = k % per_epoch * per_lane + slot % per_lane;
  if (row >= length) return std::nullopt;
  return LanePosition{k / per_epoch, lane, row};
}

int64_t LaneWindow::position(int64_t i) const {
  return begin + static_cast<int64_t>(permute(word(i), word(rows), key));
}

LaneWindow lane_window(const OrderParameters& order, OrderSeed seed, int64_t epoch, int64_t lane,
                       int64_t window) {
  const int64_t window_rows = order.window_groups * order.group_rows;
  const int64_t begin = lane_begin(order, lane) + window * window_rows;
  return {begin, std::min(window_rows, lane_begin(order, lane + 1) - begin),
          key({seed.run, seed.source, word(epoch), 2, word(lane), word(window)})};
}

GroupStream::GroupStream(std::span<const int64_t> group_begin, OrderSeed seed, int64_t epoch) {
  const std::size_t groups = group_begin.size() - 1;
  const uint64_t epoch_key = key({seed.run, seed.source, word(epoch), 1});
  start_.assign(1, 0);
  start_.reserve(groups + 1);
  ordinal_.reserve(groups);
  for (std::size_t p = 0; p < groups; ++p) {
    const uint64_t g = permute(p, groups, epoch_key);
    ordinal_.push_back(group_begin[g]);
    start_.push_back(start_.back() + group_begin[g + 1] - group_begin[g]);
  }
}

std::size_t GroupStream::group_at(int64_t position) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(start_, position) - start_.begin()) - 1;
}

int64_t GroupStream::ordinal(int64_t position) const {
  const std::size_t p = group_at(position);
  return ordinal_[p] + position - start_[p];
}

std::vector<StreamRange> GroupStream::ranges(int64_t begin, int64_t rows) const {
  std::vector<StreamRange> ranges;
  const int64_t end = begin + rows;
  for (std::size_t p = rows > 0 ? group_at(begin) : 0; begin < end; ++p) {
    const int64_t count = std::min(end, start_[p + 1]) - begin;
    if (count == 0) continue;  // a group without selected rows
    ranges.push_back({begin, ordinal_[p] + begin - start_[p], count});
    begin += count;
  }
  return ranges;
}

}  // namespace trunkline
