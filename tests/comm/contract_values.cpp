#include <ATen/core/IListRef.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>

#include <utility>

#include "comm/contract.hpp"
#include "comm/findings.hpp"

namespace trunkline {
namespace {

/// Runs the check for every type and size.
template <class Check>
std::string for_all(Check check) {
  Findings findings;
  for (const c10::ScalarType type : kContractTypes)
    for (const int64_t elements : kContractSizes) check(findings, type, elements);
  return findings.text();
}

/// What all ranks bring, one after the other.
at::Tensor of_all(const Communicator& world, int64_t elements, c10::ScalarType type) {
  std::vector<at::Tensor> parts;
  for (int r = 0; r < world.size(); ++r) parts.push_back(whole_numbers(r, elements, type));
  return at::cat(parts);
}

at::Tensor reduced(const Communicator& world, int64_t elements, c10::ScalarType type, ReduceOp op) {
  at::Tensor result = whole_numbers(0, elements, type);
  for (int r = 1; r < world.size(); ++r) {
    const at::Tensor next = whole_numbers(r, elements, type);
    if (op == ReduceOp::kSum) result = result.add(next);
    if (op == ReduceOp::kMin) result = at::minimum(result, next);
    if (op == ReduceOp::kMax) result = at::maximum(result, next);
  }
  return result;
}

std::string all_reduce_gives_sum_min_and_max(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    for (const ReduceOp op : {ReduceOp::kSum, ReduceOp::kMin, ReduceOp::kMax}) {
      at::Tensor tensor = whole_numbers(world.rank(), elements, type);
      world.all_reduce(tensor, op);
      findings.expect_equal(tensor, reduced(world, elements, type, op), "all_reduce");
    }
  });
}

// Whole and in slices that no cache line or rank count divides.
std::string all_reduce_sums_what_it_allocated(Communicator& world) {
  Findings findings;
  for (const c10::ScalarType type : {c10::kFloat, c10::kDouble}) {
    const int64_t elements = 10007;
    const at::Tensor memory = world.allocate(elements, type);
    findings.expect_equal(memory, at::full({elements}, 0.0, type), "fresh memory");
    for (const auto& [begin, length] :
         {std::pair<int64_t, int64_t>{0, elements}, {13, 4999}, {10006, 1}}) {
      memory.copy_(whole_numbers(world.rank(), elements, type));
      at::Tensor slice = memory.narrow(0, begin, length);
      world.all_reduce(slice);
      at::Tensor expected = whole_numbers(world.rank(), elements, type);
      expected.narrow(0, begin, length)
          .copy_(reduced(world, elements, type, ReduceOp::kSum).narrow(0, begin, length));
      findings.expect_equal(memory, expected, "allocated memory");
    }
  }
  return findings.text();
}

std::string all_reduce_works_on_views(Communicator& world) {
  Findings findings;
  at::Tensor whole = at::full({10}, 5.0, at::kDouble);
  at::Tensor view = whole.narrow(0, 2, 3);
  world.all_reduce(view);
  at::Tensor expected = at::full({10}, 5.0, at::kDouble);
  expected.narrow(0, 2, 3).fill_(5.0 * world.size());
  findings.expect_equal(whole, expected, "view");
  return findings.text();
}

std::string all_reduce_of_bool_is_any_or_all(Communicator& world) {
  Findings findings;
  at::Tensor any = at::full({2}, world.rank() == 0, at::kBool);
  world.all_reduce(any, ReduceOp::kMax);
  findings.expect_equal(any, at::full({2}, true, at::kBool), "any");
  at::Tensor all = at::full({2}, world.rank() == 0, at::kBool);
  world.all_reduce(all, ReduceOp::kMin);
  findings.expect_equal(all, at::full({2}, world.size() == 1, at::kBool), "all");
  return findings.text();
}

std::string broadcast_gives_the_values_of_any_root(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    for (int root = 0; root < world.size(); ++root) {
      at::Tensor tensor = whole_numbers(world.rank(), elements, type);
      world.broadcast(tensor, root);
      findings.expect_equal(tensor, whole_numbers(root, elements, type), "broadcast");
    }
  });
}

std::string all_gather_keeps_rank_order(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    at::Tensor output = at::empty({world.size() * elements}, type);
    world.all_gather(output, whole_numbers(world.rank(), elements, type));
    findings.expect_equal(output, of_all(world, elements, type), "all_gather");
  });
}

std::string all_gather_works_in_place(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    at::Tensor output = at::full({world.size() * elements}, 9, type);
    at::Tensor own = output.narrow(0, world.rank() * elements, elements);
    own.copy_(whole_numbers(world.rank(), elements, type));
    world.all_gather(output, own);
    findings.expect_equal(output, of_all(world, elements, type), "in place");
  });
}

/// Rank r brings so many elements: some none, the others unequal.
int64_t uneven(int rank, int64_t elements) { return rank % 3 == 1 ? 0 : elements + rank; }

std::string all_gather_v_takes_uneven_and_empty_parts(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    std::vector<int64_t> counts;
    std::vector<at::Tensor> parts;
    for (int r = 0; r < world.size(); ++r) {
      counts.push_back(uneven(r, elements));
      parts.push_back(whole_numbers(r, counts.back(), type));
    }
    const at::Tensor expected = at::cat(parts);
    at::Tensor output = at::empty({expected.numel()}, type);
    const at::Tensor own = parts[static_cast<std::size_t>(world.rank())];
    world.all_gather_v(output, own, counts);
    findings.expect_equal(output, expected, "all_gather_v");
  });
}

std::string reduce_scatter_gives_own_part(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    for (const ReduceOp op : {ReduceOp::kSum, ReduceOp::kMin, ReduceOp::kMax}) {
      const int64_t whole = elements * world.size();
      at::Tensor output = at::empty({elements}, type);
      world.reduce_scatter(output, whole_numbers(world.rank(), whole, type), op);
      const at::Tensor expected = reduced(world, whole, type, op);
      findings.expect_equal(output, expected.narrow(0, world.rank() * elements, elements),
                            "reduce_scatter");
    }
  });
}

std::string all_to_all_transposes_equal_parts(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    const int64_t whole = elements * world.size();
    at::Tensor output = at::empty({whole}, type);
    world.all_to_all(output, whole_numbers(world.rank(), whole, type));
    std::vector<at::Tensor> parts;
    for (int r = 0; r < world.size(); ++r)
      parts.push_back(whole_numbers(r, whole, type).narrow(0, world.rank() * elements, elements));
    findings.expect_equal(output, at::cat(parts), "all_to_all");
  });
}

/// Elements from one rank to another: many pairs exchange nothing.
int64_t between(int from, int to, int64_t elements) {
  return (from + 2 * to) % 3 == 0 ? 0 : elements + from + 2 * to;
}

std::string all_to_all_v_takes_uneven_and_empty_parts(Communicator& world) {
  return for_all([&](Findings& findings, c10::ScalarType type, int64_t elements) {
    const int self = world.rank();
    std::vector<int64_t> send_counts, receive_counts;
    std::vector<at::Tensor> sent, received;
    for (int r = 0; r < world.size(); ++r) {
      send_counts.push_back(between(self, r, elements));
      receive_counts.push_back(between(r, self, elements));
      sent.push_back(whole_numbers(10 * self + r, send_counts.back(), type));
      received.push_back(whole_numbers(10 * r + self, receive_counts.back(), type));
    }
    const at::Tensor expected = at::cat(received);
    at::Tensor output = at::empty({expected.numel()}, type);
    world.all_to_all_v(output, receive_counts, at::cat(sent), send_counts);
    findings.expect_equal(output, expected, "all_to_all_v");
  });
}

std::string barrier_returns(Communicator& world) {
  for (int i = 0; i < 3; ++i) world.barrier();
  return "";
}

}  // namespace

std::vector<ContractCheck> value_checks() {
  return {
      {"AllReduceGivesSumMinAndMax", all_reduce_gives_sum_min_and_max},
      {"AllReduceSumsWhatItAllocated", all_reduce_sums_what_it_allocated},
      {"AllReduceWorksOnViews", all_reduce_works_on_views},
      {"AllReduceOfBoolIsAnyOrAll", all_reduce_of_bool_is_any_or_all},
      {"BroadcastGivesTheValuesOfAnyRoot", broadcast_gives_the_values_of_any_root},
      {"AllGatherKeepsRankOrder", all_gather_keeps_rank_order},
      {"AllGatherWorksInPlace", all_gather_works_in_place},
      {"AllGatherVTakesUnevenAndEmptyParts", all_gather_v_takes_uneven_and_empty_parts},
      {"ReduceScatterGivesOwnPart", reduce_scatter_gives_own_part},
      {"AllToAllTransposesEqualParts", all_to_all_transposes_equal_parts},
      {"AllToAllVTakesUnevenAndEmptyParts", all_to_all_v_takes_uneven_and_empty_parts},
      {"BarrierReturns", barrier_returns},
  };
}

}  // namespace trunkline
