#include "trunkline/exchange/record_exchange.hpp"

#include <ATen/ops/empty.h>

namespace trunkline {
namespace {

std::span<double> numbers(const at::Tensor& tensor) {
  return {tensor.data_ptr<double>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

StepRecord gather_record(const RankRecord& mine, Communicator& world, CommQueue& queue) {
  const int64_t elements = record_elements(mine.loss_sums.size(), mine.part_squares.size());
  at::Tensor part = at::empty({elements}, at::kDouble);
  at::Tensor all = at::empty({world.size() * elements}, at::kDouble);
  pack(mine, numbers(part));
  queue.run([&] { world.all_gather(all, part); });
  return sum_records(numbers(all), mine.loss_sums.size(), mine.part_squares.size());
}

}  // namespace trunkline
