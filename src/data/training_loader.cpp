#include <cstring>

#include "column_choice.hpp"
#include "lane_reader.hpp"
#include "prefetcher.hpp"
#include "trunkline/core/error.hpp"
#include "trunkline/core/random.hpp"
#include "trunkline/data/loader.hpp"

namespace trunkline {
namespace {

// Makes the batches of one rank, one after the other.
class TrainingBatches {
 public:
  TrainingBatches(std::shared_ptr<Source> source, const LoaderOptions& options)
      : source_(std::move(source)),
        options_(options),
        tail_(tail_named(options.tail)),
        rows_(source_->row_groups(Split::kTrain)),
        order_(order_parameters(*source_, options.batch)),
        seed_{options.seed, name_key(source_->description().name)},
        columns_(choose_columns(rows_, options.fields)),
        streams_(rows_, seed_),
        lanes_(static_cast<std::size_t>(order_.lanes)),
        k_(options.first_batch - options.origin.step) {
    check<DataError>(tail_ != Tail::kDrop || rows_.rows() >= options.batch,
                     "source {}: {} rows do not fill a batch of {}, and tail: drop drops the rest",
                     name(), rows_.rows(), options.batch);
  }

  Batch next() {
    std::vector<int64_t> slots;
    std::vector<LanePosition> positions;
    for (const SlotRange& range : options_.slots)
      for (int64_t slot = range.begin; slot < range.end; ++slot)
        if (auto position = slot_position(order_, options_.batch, tail_, k_, slot)) {
          position->epoch += options_.origin.epoch;
          slots.push_back(slot);
          positions.push_back(*position);
        }
    const auto count = static_cast<int64_t>(slots.size());
    Batch batch = empty_batch(name(), epoch(positions), rows_, columns_, count);
    if (count > 0) fill(slots, positions, batch);
    ++k_;
    return batch;
  }

 private:
  const std::string& name() const { return source_->description().name; }

  int64_t epoch(const std::vector<LanePosition>& positions) const {
    if (!positions.empty()) return positions[0].epoch;
    if (tail_ == Tail::kContinuous) return options_.origin.epoch;
    return options_.origin.epoch + k_ / batches_per_epoch(order_, options_.batch, tail_);
  }

  void fill(const std::vector<int64_t>& slots, const std::vector<LanePosition>& positions,
            Batch& batch) {
    std::vector<std::byte*> out;
    for (const std::size_t c : columns_)
      out.push_back(static_cast<std::byte*>(batch.fields[rows_.columns()[c].name].data_ptr()));
    std::memcpy(batch.slots.data_ptr(), slots.data(), slots.size() * sizeof(int64_t));
    auto* samples = batch.samples.mutable_data_ptr<int64_t>();
    for (const LanePosition& position : positions) {
      LaneReader& reader = lane(position.lane);
      const WindowBuffer::Row row = reader.find(position);
      *samples++ = rows_.sample(row.ordinal);
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const int64_t bytes = rows_.columns()[columns_[c]].row_bytes();
        std::memcpy(out[c], reader.window().data(c, row.index), static_cast<std::size_t>(bytes));
        out[c] += bytes;
      }
    }
  }

  LaneReader& lane(int64_t lane) {
    auto& reader = lanes_[static_cast<std::size_t>(lane)];
    if (!reader)
      reader = std::make_unique<LaneReader>(rows_, columns_, order_, seed_, streams_, lane);
    return *reader;
  }

  std::shared_ptr<Source> source_;
  LoaderOptions options_;
  Tail tail_;
  const RowGroups& rows_;
  OrderParameters order_;
  OrderSeed seed_;
  std::vector<std::size_t> columns_;
  EpochStreams streams_;
  std::vector<std::unique_ptr<LaneReader>> lanes_;  // those that this rank's slots touch
  int64_t k_;
};

}  // namespace

std::unique_ptr<Loader> make_training_loader(std::shared_ptr<Source> source,
                                             const LoaderOptions& options) {
  auto batches = std::make_shared<TrainingBatches>(std::move(source), options);
  return std::make_unique<Prefetcher>([batches] { return batches->next(); }, options.prefetch);
}

}  // namespace trunkline
