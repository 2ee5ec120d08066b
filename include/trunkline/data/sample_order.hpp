// The canonical sample order: a pure function from (seed, source, epoch, position) to a row.
//
// Nothing random is stored and no number of ranks occurs, so that every number of ranks sees the
// same rows in the same slots, and a run goes on at any step at no cost. Torch-free, no I/O.
//
// The selected rows of a source are numbered 0..N-1 in file order (*ordinals*) and come in groups
// that can be read in one piece. An epoch permutes the groups; their rows in that order are the
// epoch's *stream*. The stream is cut into lanes, and each lane into windows, whose rows are
// permuted in memory. A batch takes the same number of rows from each lane.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trunkline {

/// What a run fixes at its start and keeps in its checkpoints; a change is refused at resume.
struct OrderParameters {
  int64_t rows = 0;           ///< N, selected rows
  int64_t groups = 0;         ///< M
  int64_t group_rows = 0;     ///< G, rows of a full group
  int64_t lanes = 0;          ///< C, at most N, divides the batch
  int64_t window_groups = 0;  ///< W, groups per window of a lane
  bool operator==(const OrderParameters&) const = default;
};

struct OrderSeed {
  uint64_t run = 0;     ///< run.seed
  uint64_t source = 0;  ///< name_key of the source's name
};

/// Where a source's order begins: at its first epoch with the run's first step; or, once its rows
/// have changed, at a later epoch with a later step.
struct OrderOrigin {
  int64_t step = 0, epoch = 0;
};

/// An epoch that no training of so many steps has begun, whatever the tail was.
int64_t unused_epoch(const OrderParameters& order, int64_t batch, int64_t steps);

/// What happens to the rows that do not fill a batch at the end of an epoch.
enum class Tail { kPad, kDrop, kContinuous };

/// @throws UsageError unless the name is pad, drop or continuous
Tail tail_named(const std::string& name);

/// Lanes and window sizes that fit a budget: C is the largest divisor of the batch that is at most
/// min(64, N, groups in play); groups in play are min(M, 256, budget).
/// @param groups_in_budget groups that fit the window's budget, at least 1
OrderParameters choose_order(int64_t rows, int64_t groups, int64_t group_rows, int64_t batch,
                             int64_t groups_in_budget);

/// First position of a lane in the stream: floor(N c / C). Lengths differ by at most one row.
int64_t lane_begin(const OrderParameters& order, int64_t lane);
int64_t lane_length(const OrderParameters& order, int64_t lane);

/// Batches of one epoch: ceil(N/B), or floor(N/B) for kDrop. kContinuous has no such number: 0.
int64_t batches_per_epoch(const OrderParameters& order, int64_t batch, Tail tail);

/// A row's place in a lane of an epoch.
struct LanePosition {
  int64_t epoch = 0, lane = 0, row = 0;
};

/// Which row stands in slot i of the k-th batch of the run; nothing where the slot is padding.
std::optional<LanePosition> slot_position(const OrderParameters& order, int64_t batch, Tail tail,
                                          int64_t k, int64_t slot);

/// A run of the stream whose rows are permuted in memory.
struct LaneWindow {
  int64_t begin = 0;  ///< position in the stream
  int64_t rows = 0;
  uint64_t key = 0;

  /// Position in the stream of the i-th row that is taken from this window.
  int64_t position(int64_t i) const;
};
LaneWindow lane_window(const OrderParameters& order, OrderSeed seed, int64_t epoch, int64_t lane,
                       int64_t window);

/// Consecutive ordinals that are consecutive in the stream.
struct StreamRange {
  int64_t stream = 0;   ///< position in the stream of the first
  int64_t ordinal = 0;  ///< first selected row
  int64_t rows = 0;
};

/// The groups of one epoch in their permuted order. O(M) memory and time to build.
class GroupStream {
 public:
  /// @param group_begin M+1 ordinals: group g holds [group_begin[g], group_begin[g+1])
  GroupStream(std::span<const int64_t> group_begin, OrderSeed seed, int64_t epoch);

  /// The ordinal at a position of the stream.
  int64_t ordinal(int64_t position) const;

  /// The ordinals at positions [begin, begin + rows), in stream order.
  std::vector<StreamRange> ranges(int64_t begin, int64_t rows) const;

 private:
  std::size_t group_at(int64_t position) const;

  std::vector<int64_t> start_;    // st[p], M+1
  std::vector<int64_t> ordinal_;  // first ordinal of the p-th group
};

}  // namespace trunkline
