#include "trunkline/data/row_selection.hpp"

#include <algorithm>
#include <bit>

namespace trunkline {
namespace {

constexpr int64_t kWordBits = 64;

}  // namespace

RowSelection::RowSelection(const std::vector<bool>& marked)
    : rows_(static_cast<int64_t>(marked.size())),
      words_(marked.size() / kWordBits + 1, 0),
      before_(words_.size(), 0) {
  for (std::size_t row = 0; row < marked.size(); ++row)
    if (marked[row]) words_[row / kWordBits] |= uint64_t{1} << (row % kWordBits);
  for (std::size_t w = 0; w < words_.size(); ++w) {
    before_[w] = count_;
    count_ += std::popcount(words_[w]);
  }
}

int64_t RowSelection::row(int64_t ordinal) const {
  if (words_.empty()) return ordinal;
  const auto after = std::ranges::upper_bound(before_, ordinal);
  const auto w = static_cast<std::size_t>(after - before_.begin()) - 1;
  uint64_t word = words_[w];
  for (int64_t skip = ordinal - before_[w]; skip > 0; --skip) word &= word - 1;
  return static_cast<int64_t>(w) * kWordBits + std::countr_zero(word);
}

int64_t RowSelection::rank(int64_t row) const {
  if (words_.empty()) return row;
  const auto w = static_cast<std::size_t>(row / kWordBits);
  const uint64_t below = (uint64_t{1} << (row % kWordBits)) - 1;
  return before_[w] + std::popcount(words_[w] & below);
}

std::vector<RowRun> RowSelection::runs(int64_t ordinal, int64_t count) const {
  if (words_.empty()) return {{ordinal, count}};
  std::vector<RowRun> runs;
  for (int64_t i = ordinal; i < ordinal + count; ++i) {
    const int64_t next = row(i);
    if (!runs.empty() && runs.back().first + runs.back().count == next)
      ++runs.back().count;
    else
      runs.push_back({next, 1});
  }
  return runs;
}

}  // namespace trunkline
