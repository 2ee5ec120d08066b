#include "support/thread_communicator.hpp"

#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>

#include <algorithm>
#include <map>
#include <utility>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

using Contributions = std::span<Contribution>;

std::size_t index(int64_t i) { return static_cast<std::size_t>(i); }

void check_equal_inputs(Contributions all) {
  for (const Contribution& one : all)
    check<CommunicationError>(one.input.numel() == all[0].input.numel() &&
                                  one.input.scalar_type() == all[0].input.scalar_type(),
                              "{}: ranks bring tensors of different sizes or types",
                              one.collective);
}

at::Tensor part(const at::Tensor& tensor, int64_t begin, int64_t elements) {
  return tensor.view({-1}).narrow(0, begin, elements);
}

at::Tensor reduced(Contributions all) {
  check_equal_inputs(all);
  at::Tensor result = all[0].input.clone();
  for (const Contribution& next : all.subspan(1)) {
    if (next.op == ReduceOp::kSum) result.add_(next.input);
    if (next.op == ReduceOp::kMin) result = at::minimum(result, next.input);
    if (next.op == ReduceOp::kMax) result = at::maximum(result, next.input);
  }
  return result;
}

void reduce_all(Contributions all) {
  const at::Tensor result = reduced(all);
  for (Contribution& one : all) one.output.copy_(result);
}

void broadcast_all(Contributions all) {
  check_equal_inputs(all);
  for (const Contribution& one : all)
    check<CommunicationError>(one.root == all[0].root, "broadcast: ranks name different roots");
  const at::Tensor source = all[index(all[0].root)].input.clone();
  for (Contribution& one : all) one.output.copy_(source.view(one.output.sizes()));
}

void gather_all(Contributions all) {
  for (Contribution& receiver : all) {
    check<CommunicationError>(receiver.receive_counts == all[0].receive_counts,
                              "{}: ranks name different counts", receiver.collective);
    const std::vector<int64_t> begins = offsets_of(receiver.receive_counts);
    for (std::size_t r = 0; r < all.size(); ++r)
      part(receiver.output, begins[r], receiver.receive_counts[r]).copy_(all[r].input.view({-1}));
  }
}

void scatter_all(Contributions all) {
  const at::Tensor result = reduced(all);
  for (std::size_t r = 0; r < all.size(); ++r) {
    const int64_t elements = all[r].output.numel();
    all[r].output.view({-1}).copy_(part(result, static_cast<int64_t>(r) * elements, elements));
  }
}

void exchange_all(Contributions all) {
  for (std::size_t to = 0; to < all.size(); ++to) {
    const std::vector<int64_t> out_begins = offsets_of(all[to].receive_counts);
    for (std::size_t from = 0; from < all.size(); ++from) {
      const int64_t elements = all[from].send_counts[to];
      check<CommunicationError>(elements == all[to].receive_counts[from],
                                "{}: rank {} sends {} elements to rank {}, which expects {}",
                                all[to].collective, from, elements, to,
                                all[to].receive_counts[from]);
      part(all[to].output, out_begins[from], elements)
          .copy_(part(all[from].input, offsets_of(all[from].send_counts)[to], elements));
    }
  }
}

std::vector<int64_t> equal_counts(int size, int64_t elements) {
  return std::vector<int64_t>(index(size), elements);
}

std::vector<int64_t> copy_of(std::span<const int64_t> counts) {
  return {counts.begin(), counts.end()};
}

}  // namespace

void ThreadCommunicator::all_reduce(at::Tensor& tensor, ReduceOp op) {
  check_all_reduce(call("all_reduce"), tensor, op);
  meeting_->meet(rank_, {.collective = "all_reduce", .output = tensor, .input = tensor, .op = op},
                 reduce_all);
}

void ThreadCommunicator::broadcast(at::Tensor& tensor, int root) {
  check_broadcast(call("broadcast"), tensor, root);
  meeting_->meet(rank_,
                 {.collective = "broadcast", .output = tensor, .input = tensor, .root = root},
                 broadcast_all);
}

void ThreadCommunicator::all_gather(at::Tensor& output, const at::Tensor& input) {
  check_all_gather(call("all_gather"), output, input);
  meeting_->meet(rank_,
                 {.collective = "all_gather",
                  .output = output,
                  .input = input,
                  .receive_counts = equal_counts(size(), input.numel())},
                 gather_all);
}

void ThreadCommunicator::all_gather_v(at::Tensor& output, const at::Tensor& input,
                                      std::span<const int64_t> counts) {
  check_all_gather_v(call("all_gather_v"), output, input, counts);
  meeting_->meet(rank_,
                 {.collective = "all_gather_v",
                  .output = output,
                  .input = input,
                  .receive_counts = copy_of(counts)},
                 gather_all);
}

void ThreadCommunicator::reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) {
  check_reduce_scatter(call("reduce_scatter"), output, input, op);
  meeting_->meet(rank_,
                 {.collective = "reduce_scatter", .output = output, .input = input, .op = op},
                 scatter_all);
}

void ThreadCommunicator::all_to_all(at::Tensor& output, const at::Tensor& input) {
  check_all_to_all(call("all_to_all"), output, input);
  const std::vector<int64_t> counts = equal_counts(size(), input.numel() / size());
  meeting_->meet(rank_,
                 {.collective = "all_to_all",
                  .output = output,
                  .input = input,
                  .receive_counts = counts,
                  .send_counts = counts},
                 exchange_all);
}

void ThreadCommunicator::all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                                      const at::Tensor& input,
                                      std::span<const int64_t> send_counts) {
  check_all_to_all_v(call("all_to_all_v"), output, receive_counts, input, send_counts);
  meeting_->meet(rank_,
                 {.collective = "all_to_all_v",
                  .output = output,
                  .input = input,
                  .receive_counts = copy_of(receive_counts),
                  .send_counts = copy_of(send_counts)},
                 exchange_all);
}

void ThreadCommunicator::barrier() {
  meeting_->meet(rank_, {.collective = "barrier"}, [](Contributions) {});
}

std::unique_ptr<Communicator> ThreadCommunicator::split(int color, int key) {
  const auto divide = [this](Contributions all) {
    std::map<int, std::vector<int>> colors;
    for (std::size_t r = 0; r < all.size(); ++r)
      if (all[r].color >= 0) colors[all[r].color].push_back(static_cast<int>(r));
    for (auto& [_, ranks] : colors) {
      std::stable_sort(ranks.begin(), ranks.end(),
                       [&](int a, int b) { return all[index(a)].key < all[index(b)].key; });
      std::vector<int> members;
      for (const int rank : ranks) members.push_back(meeting_->member(rank));
      const auto meeting = std::make_shared<Meeting>(meeting_->job(), std::move(members));
      for (std::size_t i = 0; i < ranks.size(); ++i)
        all[index(ranks[i])].part =
            std::make_unique<ThreadCommunicator>(meeting, static_cast<int>(i));
    }
  };
  return meeting_->meet(rank_, {.collective = "split", .color = color, .key = key}, divide).part;
}

void ThreadCommunicator::abort(int code) {
  const std::string text =
      fmt::format("rank {} aborted the job with code {}", meeting_->member(rank_), code);
  const Error error(static_cast<ExitCode>(code), text);
  meeting_->job().fail(std::make_exception_ptr(error), text);
  throw error;
}

}  // namespace trunkline
