// The rows of one lane, window after window, each window read while the one before is used.
#pragma once

#include <map>
#include <memory>

#include "window_buffer.hpp"

namespace trunkline {

/// Group orders of the epochs in use, shared by the lanes of a loader. Used by one thread.
class EpochStreams {
 public:
  EpochStreams(const RowGroups& rows, OrderSeed seed) : rows_(rows), seed_(seed) {}
  const GroupStream& epoch(int64_t e);

 private:
  const RowGroups& rows_;
  OrderSeed seed_;
  std::map<int64_t, GroupStream> streams_;
};

/// Random access by position; ascending positions are the fast way. Used by one thread.
class LaneReader {
 public:
  LaneReader(const RowGroups& rows, const std::vector<std::size_t>& columns,
             const OrderParameters& order, OrderSeed seed, EpochStreams& streams, int64_t lane);

  /// The row at a position; `window()` holds it until the next call.
  WindowBuffer::Row find(const LanePosition& position);
  const WindowBuffer& window() const { return *current_.buffer; }

 private:
  struct Place {
    int64_t epoch = -1, window = -1;
    bool operator==(const Place&) const = default;
  };
  struct Slot {
    Place place;
    std::unique_ptr<WindowBuffer> buffer;
  };

  void start(Slot& slot, Place place);
  Place after(Place place) const;
  void read_ahead(int64_t taken);

  OrderParameters order_;
  OrderSeed seed_;
  EpochStreams& streams_;
  int64_t lane_, window_rows_;
  Slot current_, next_;
};

}  // namespace trunkline
