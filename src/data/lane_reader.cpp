#include "lane_reader.hpp"

#include <algorithm>

namespace trunkline {
namespace {

constexpr std::size_t kMaxEpochs = 4;  // of the lanes of one batch, with few rows and large batches

}  // namespace

const GroupStream& EpochStreams::epoch(int64_t e) {
  const auto known = streams_.find(e);
  if (known != streams_.end()) return known->second;
  if (streams_.size() == kMaxEpochs) streams_.erase(streams_.begin());
  return streams_.emplace(e, GroupStream(rows_.group_begin(), seed_, e)).first->second;
}

LaneReader::LaneReader(const RowGroups& rows, const std::vector<std::size_t>& columns,
                       const OrderParameters& order, OrderSeed seed, EpochStreams& streams,
                       int64_t lane)
    : order_(order),
      seed_(seed),
      streams_(streams),
      lane_(lane),
      window_rows_(order.window_groups * order.group_rows) {
  current_.buffer = std::make_unique<WindowBuffer>(rows, columns);
  next_.buffer = std::make_unique<WindowBuffer>(rows, columns);
}

WindowBuffer::Row LaneReader::find(const LanePosition& position) {
  const Place wanted{position.epoch, position.row / window_rows_};
  if (current_.place != wanted) {
    if (next_.place != wanted) start(next_, wanted);
    std::swap(current_, next_);
    current_.buffer->fill(1);
    start(next_, after(wanted));
  }
  const int64_t taken = position.row % window_rows_;
  read_ahead(taken);
  return current_.buffer->row(taken);
}

void LaneReader::start(Slot& slot, Place place) {
  const LaneWindow window = lane_window(order_, seed_, place.epoch, lane_, place.window);
  slot.buffer->start(window, streams_.epoch(place.epoch));
  slot.place = place;
}

LaneReader::Place LaneReader::after(Place place) const {
  const bool last = (place.window + 1) * window_rows_ >= lane_length(order_, lane_);
  return last ? Place{place.epoch + 1, 0} : Place{place.epoch, place.window + 1};
}

// As much of the next window as is used of this one; lanes take turns, so that not all of them read
// at the same batch.
void LaneReader::read_ahead(int64_t taken) {
  const double used = static_cast<double>(taken + 1) / static_cast<double>(current_.buffer->rows());
  const double turn = static_cast<double>(lane_) / static_cast<double>(order_.lanes);
  next_.buffer->fill(std::max(0.0, used - turn / static_cast<double>(order_.window_groups)));
}

}  // namespace trunkline
