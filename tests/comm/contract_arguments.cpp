#include <ATen/ops/zeros.h>

#include "comm/contract.hpp"
#include "comm/findings.hpp"

namespace trunkline {
namespace {

at::Tensor zeros(int64_t elements, c10::ScalarType type = at::kFloat) {
  return at::zeros({elements}, type);
}

// Each check ends with a collective that must still work: a refused call leaves nothing behind.
std::string still_works(Findings& findings, Communicator& world) {
  at::Tensor one = zeros(1, at::kLong).add(1);
  world.all_reduce(one);
  findings.expect(one.item<int64_t>() == world.size(), "a sum after refused calls");
  return findings.text();
}

std::string unfit_tensors_are_refused(Communicator& world) {
  Findings findings;
  at::Tensor strided = at::zeros({4, 4}).t();
  findings.expect_refused([&] { world.all_reduce(strided); }, "contiguous");
  findings.expect_refused([&] { world.broadcast(strided, 0); }, "contiguous");
  at::Tensor undefined;
  findings.expect_refused([&] { world.all_reduce(undefined); }, "not defined");
  at::Tensor half = zeros(4, at::kHalf);
  findings.expect_refused([&] { world.all_reduce(half); }, "Half");
  at::Tensor flags = zeros(4, at::kBool);
  findings.expect_refused([&] { world.all_reduce(flags); }, "bool has no sum");
  return still_works(findings, world);
}

std::string refusals_name_collective_and_rank(Communicator& world) {
  Findings findings;
  at::Tensor strided = at::zeros({4, 4}).t();
  findings.expect_refused([&] { world.all_reduce(strided); },
                          fmt::format("all_reduce on rank {} of {}", world.rank(), world.size()));
  return still_works(findings, world);
}

std::string roots_outside_the_world_are_refused(Communicator& world) {
  Findings findings;
  at::Tensor tensor = zeros(2);
  findings.expect_refused([&] { world.broadcast(tensor, world.size()); }, "no root");
  findings.expect_refused([&] { world.broadcast(tensor, -1); }, "no root -1");
  return still_works(findings, world);
}

std::string unfit_sizes_are_refused(Communicator& world) {
  Findings findings;
  const at::Tensor input = zeros(2 * world.size());
  at::Tensor output = zeros(2 * world.size() + 1);
  const std::vector<int64_t> counts(static_cast<std::size_t>(world.size()), 2);
  findings.expect_refused([&] { world.all_gather(output, zeros(2)); }, "expected");
  findings.expect_refused([&] { world.all_gather_v(output, zeros(2), counts); }, "expected");
  findings.expect_refused([&] { world.reduce_scatter(output, input); }, "expected");
  findings.expect_refused([&] { world.all_to_all(output, input); }, "expected");
  findings.expect_refused([&] { world.all_to_all_v(output, counts, input, counts); }, "expected");
  return still_works(findings, world);
}

std::string unfit_counts_are_refused(Communicator& world) {
  Findings findings;
  at::Tensor output = zeros(0);
  const std::vector<int64_t> many(static_cast<std::size_t>(world.size()) + 1, 0);
  const std::vector<int64_t> negative(static_cast<std::size_t>(world.size()), -1);
  const at::Tensor input = zeros(0);
  findings.expect_refused([&] { world.all_gather_v(output, input, many); }, "one per rank");
  findings.expect_refused([&] { world.all_to_all_v(output, many, input, many); }, "one per rank");
  findings.expect_refused([&] { world.all_gather_v(output, input, negative); }, "negative");
  return still_works(findings, world);
}

std::string types_that_differ_are_refused(Communicator& world) {
  Findings findings;
  at::Tensor output = zeros(world.size(), at::kDouble);
  findings.expect_refused([&] { world.all_gather(output, zeros(1)); }, "expected the same");
  return still_works(findings, world);
}

std::string shared_memory_is_refused(Communicator& world) {
  Findings findings;
  at::Tensor whole = zeros(2 * world.size() + 1);
  at::Tensor output = whole.narrow(0, 0, 2 * world.size());
  const at::Tensor shifted = whole.narrow(0, 1, 2 * world.size());
  findings.expect_refused([&] { world.all_to_all(output, shifted); }, "share memory");
  at::Tensor first = output.narrow(0, 0, 2);
  findings.expect_refused([&] { world.reduce_scatter(first, output); }, "share memory");
  return still_works(findings, world);
}

}  // namespace

std::vector<ContractCheck> argument_checks() {
  return {
      {"UnfitTensorsAreRefused", unfit_tensors_are_refused},
      {"RefusalsNameCollectiveAndRank", refusals_name_collective_and_rank},
      {"RootsOutsideTheWorldAreRefused", roots_outside_the_world_are_refused},
      {"UnfitSizesAreRefused", unfit_sizes_are_refused},
      {"UnfitCountsAreRefused", unfit_counts_are_refused},
      {"TypesThatDifferAreRefused", types_that_differ_are_refused},
      {"SharedMemoryIsRefused", shared_memory_is_refused},
  };
}

}  // namespace trunkline
