#include <algorithm>
#include <cstring>

#include "column_choice.hpp"
#include "prefetcher.hpp"
#include "trunkline/data/loader.hpp"

namespace trunkline {
namespace {

// Rows in ascending order, read a row group at a time.
class GroupCursor {
 public:
  GroupCursor(const RowGroups& rows, std::size_t column) : rows_(rows), column_(column) {}

  /// Copies consecutive ordinals.
  void copy(int64_t ordinal, int64_t count, std::byte* out) {
    const int64_t row_bytes = rows_.columns()[column_].row_bytes();
    while (count > 0) {
      if (ordinal < begin_ || ordinal >= end_) load(ordinal, row_bytes);
      const int64_t part = std::min(count, end_ - ordinal);
      std::memcpy(out, bytes_.data() + (ordinal - begin_) * row_bytes,
                  static_cast<std::size_t>(part * row_bytes));
      ordinal += part;
      count -= part;
      out += part * row_bytes;
    }
  }

 private:
  void load(int64_t ordinal, int64_t row_bytes) {
    const auto groups = rows_.group_begin();
    const auto after = std::ranges::upper_bound(groups, ordinal);
    begin_ = *std::prev(after);
    end_ = *after;
    bytes_.resize(static_cast<std::size_t>((end_ - begin_) * row_bytes));
    rows_.read(column_, begin_, end_ - begin_, bytes_.data());
  }

  const RowGroups& rows_;
  std::size_t column_;
  int64_t begin_ = 0, end_ = 0;
  std::vector<std::byte> bytes_;
};

// Makes the batches of one rank: slot i of batch k is selected row k * batch + i.
class EvaluationBatches {
 public:
  EvaluationBatches(std::shared_ptr<Source> source, Split split, const LoaderOptions& options)
      : source_(std::move(source)),
        options_(options),
        rows_(source_->row_groups(split)),
        columns_(choose_columns(rows_, options.fields)),
        k_(options.first_batch) {
    for (const std::size_t c : columns_) cursors_.emplace_back(rows_, c);
  }

  Batch next() {
    int64_t count = 0;
    for (const SlotRange& range : options_.slots) count += present(range).size();
    Batch batch = empty_batch(source_->description().name, 0, rows_, columns_, count);
    int64_t row = 0;
    for (const SlotRange& range : options_.slots) {
      fill(present(range), row, batch);
      row += present(range).size();
    }
    ++k_;
    return batch;
  }

 private:
  // The part of a range of slots that has rows in this batch.
  SlotRange present(const SlotRange& range) const {
    const int64_t left = std::max<int64_t>(0, rows_.rows() - k_ * options_.batch);
    return {std::min(range.begin, left), std::min(range.end, left)};
  }

  void fill(const SlotRange& range, int64_t row, Batch& batch) {
    const int64_t first = k_ * options_.batch + range.begin;
    if (range.size() == 0) return;
    auto* slots = batch.slots.mutable_data_ptr<int64_t>() + row;
    auto* samples = batch.samples.mutable_data_ptr<int64_t>() + row;
    for (int64_t i = 0; i < range.size(); ++i) {
      slots[i] = range.begin + i;
      samples[i] = rows_.sample(first + i);
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const Column& column = rows_.columns()[columns_[c]];
      auto* out = static_cast<std::byte*>(batch.fields[column.name].data_ptr());
      cursors_[c].copy(first, range.size(), out + row * column.row_bytes());
    }
  }

  std::shared_ptr<Source> source_;
  LoaderOptions options_;
  const RowGroups& rows_;
  std::vector<std::size_t> columns_;
  std::vector<GroupCursor> cursors_;
  int64_t k_;
};

}  // namespace

std::unique_ptr<Loader> make_evaluation_loader(std::shared_ptr<Source> source, Split split,
                                               const LoaderOptions& options) {
  auto batches = std::make_shared<EvaluationBatches>(std::move(source), split, options);
  return std::make_unique<Prefetcher>([batches] { return batches->next(); }, options.prefetch);
}

}  // namespace trunkline
