#include <ATen/ops/full.h>

#include "comm/contract.hpp"
#include "comm/findings.hpp"

namespace trunkline {
namespace {

int64_t sum_over(Communicator& ranks, int64_t value) {
  at::Tensor tensor = at::full({1}, value, at::kLong);
  ranks.all_reduce(tensor);
  return tensor.item<int64_t>();
}

std::string split_groups_by_color(Communicator& world) {
  Findings findings;
  const auto part = world.split(world.rank() % 2, 0);
  int64_t sum = 0;
  int size = 0;
  for (int r = world.rank() % 2; r < world.size(); r += 2) sum += r, ++size;
  findings.expect(part->size() == size, "size");
  findings.expect(part->rank() == world.rank() / 2, "rank");
  findings.expect(part->backend() == world.backend(), "backend");
  findings.expect(sum_over(*part, world.rank()) == sum, "sum over the part");
  return findings.text();
}

std::string split_orders_by_key(Communicator& world) {
  Findings findings;
  const auto reversed = world.split(0, -world.rank());
  findings.expect(reversed->rank() == world.size() - 1 - world.rank(), "rank by key");
  at::Tensor first = at::full({1}, world.rank(), at::kLong);
  reversed->broadcast(first, 0);
  findings.expect(first.item<int64_t>() == world.size() - 1, "root of the reversed order");
  return findings.text();
}

std::string split_leaves_out_negative_colors(Communicator& world) {
  Findings findings;
  const auto part = world.split(world.rank() == 0 ? 7 : -1, 0);
  findings.expect((part != nullptr) == (world.rank() == 0), "only rank 0 is in");
  if (part) findings.expect(part->size() == 1 && sum_over(*part, 5) == 5, "a world of one");
  const auto none = world.split(-3, 0);
  findings.expect(none == nullptr, "nobody is in");
  return findings.text();
}

std::string split_nests(Communicator& world) {
  Findings findings;
  const auto half = world.split(world.rank() % 2, 0);
  const auto quarter = half->split(half->rank() % 2, -half->rank());
  int64_t sum = 0;
  for (int r = world.rank() % 4; r < world.size(); r += 4) sum += r;
  findings.expect(sum_over(*quarter, world.rank()) == sum, "sum over the part of a part");
  findings.expect(sum_over(*half, 1) == half->size(), "the part still works");
  findings.expect(sum_over(world, 1) == world.size(), "the world still works");
  return findings.text();
}

}  // namespace

std::vector<ContractCheck> split_checks() {
  return {
      {"SplitGroupsByColor", split_groups_by_color},
      {"SplitOrdersByKey", split_orders_by_key},
      {"SplitLeavesOutNegativeColors", split_leaves_out_negative_colors},
      {"SplitNests", split_nests},
  };
}

}  // namespace trunkline
