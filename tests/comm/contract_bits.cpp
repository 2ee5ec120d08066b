#include <ATen/ops/empty.h>

#include "comm/contract.hpp"
#include "comm/findings.hpp"

namespace trunkline {
namespace {

// 8 bytes to 8 MiB, to meet each algorithm that a backend may choose by size.
constexpr std::array<int64_t, 7> kBytes = {8, 24, 1000, 8192, 65536, 1 << 20, 8 << 20};

at::Tensor bits_of(const at::Tensor& tensor) {
  return tensor.view(tensor.scalar_type() == at::kDouble ? at::kLong : at::kInt);
}

/// Compares with rank 0's bits.
void expect_same_on_all(Findings& findings, Communicator& world, const at::Tensor& tensor) {
  at::Tensor bits = bits_of(tensor).clone();
  world.broadcast(bits, 0);
  findings.expect_equal(bits_of(tensor), bits, "bits on rank 0 and here");
}

std::string sums_have_the_same_bits_on_all_ranks_each_time(Communicator& world) {
  Findings findings;
  for (const c10::ScalarType type : {at::kDouble, at::kFloat})
    for (const int64_t bytes : kBytes) {
      const int64_t elements = bytes / static_cast<int64_t>(c10::elementSize(type));
      const at::Tensor own = rough_numbers(world.rank(), elements, type);
      at::Tensor first = own.clone(), second = own.clone();
      world.all_reduce(first);
      world.all_reduce(second);
      expect_same_on_all(findings, world, first);
      findings.expect_equal(bits_of(second), bits_of(first), "bits of the second sum");
    }
  return findings.text();
}

// Blocks of one message, of one and a bit, and of more than wait at a time.
std::string long_sums_are_right(Communicator& world) {
  Findings findings;
  for (const c10::ScalarType type : {at::kDouble, at::kFloat})
    for (const int64_t elements :
         {world.size() * int64_t{16384}, world.size() * int64_t{16384} + 1, int64_t{1500007}}) {
      at::Tensor sum = whole_numbers(world.rank(), elements, type);
      world.all_reduce(sum);
      at::Tensor expected = whole_numbers(0, elements, type);
      for (int r = 1; r < world.size(); ++r) expected.add_(whole_numbers(r, elements, type));
      findings.expect_equal(sum, expected, fmt::format("sum of {} elements", elements));
    }
  return findings.text();
}

std::string sums_of_allocated_memory_have_the_same_bits_on_all_ranks(Communicator& world) {
  Findings findings;
  const at::Tensor own = rough_numbers(world.rank(), 100003, at::kFloat);
  at::Tensor sum = world.allocate(own.numel(), at::kFloat);
  sum.copy_(own);
  world.all_reduce(sum);
  expect_same_on_all(findings, world, sum);
  const at::Tensor first = sum.clone();
  sum.copy_(own);
  world.all_reduce(sum);
  findings.expect_equal(bits_of(sum), bits_of(first), "bits of the second sum");
  return findings.text();
}

std::string reduce_scatter_has_the_same_bits_each_time(Communicator& world) {
  Findings findings;
  for (const int64_t bytes : kBytes) {
    const int64_t elements = bytes / 8;
    const at::Tensor own = rough_numbers(world.rank(), elements * world.size(), at::kDouble);
    at::Tensor first = at::empty({elements}, at::kDouble), second = first.clone();
    world.reduce_scatter(first, own);
    world.reduce_scatter(second, own);
    findings.expect_equal(bits_of(second), bits_of(first), "bits of the second sum");
  }
  return findings.text();
}

}  // namespace

std::vector<ContractCheck> bit_checks() {
  return {
      {"SumsHaveTheSameBitsOnAllRanksEachTime", sums_have_the_same_bits_on_all_ranks_each_time},
      {"LongSumsAreRight", long_sums_are_right},
      {"SumsOfAllocatedMemoryHaveTheSameBitsOnAllRanks",
       sums_of_allocated_memory_have_the_same_bits_on_all_ranks},
      {"ReduceScatterHasTheSameBitsEachTime", reduce_scatter_has_the_same_bits_each_time},
  };
}

}  // namespace trunkline
