#include "trunkline/train/gather.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>

namespace trunkline {
namespace {

// Gathers a sequence of T of any length, as tensors of the given type.
template <class T, class Sequence>
std::vector<Sequence> gather_sequences(Ranks& ranks, const Sequence& mine, c10::ScalarType type) {
  const std::vector<int64_t> counts = gather_integer(ranks, static_cast<int64_t>(mine.size()));
  at::Tensor part = at::empty({static_cast<int64_t>(mine.size())}, type);
  at::Tensor all = at::empty({std::accumulate(counts.begin(), counts.end(), int64_t{0})}, type);
  std::copy(mine.begin(), mine.end(), static_cast<T*>(part.data_ptr()));
  ranks.queue.run([&] { ranks.world.all_gather_v(all, part, counts); });
  const T* next = static_cast<const T*>(all.const_data_ptr());
  std::vector<Sequence> sequences;
  for (const int64_t count : counts) {
    sequences.emplace_back(next, next + count);
    next += count;
  }
  return sequences;
}

}  // namespace

std::vector<std::vector<double>> gather_numbers(Ranks& ranks, const std::vector<double>& mine) {
  return gather_sequences<double>(ranks, mine, at::kDouble);
}

std::vector<std::string> gather_text(Ranks& ranks, const std::string& mine) {
  return gather_sequences<char>(ranks, mine, at::kByte);
}

std::vector<int64_t> gather_integer(Ranks& ranks, int64_t value) {
  at::Tensor mine = at::empty({1}, at::kLong), all = at::empty({ranks.size()}, at::kLong);
  *mine.data_ptr<int64_t>() = value;
  ranks.queue.run([&] { ranks.world.all_gather(all, mine); });
  const int64_t* values = all.const_data_ptr<int64_t>();
  return {values, values + ranks.size()};
}

}  // namespace trunkline
