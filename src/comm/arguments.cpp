#include "trunkline/comm/arguments.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr std::array kTypes = {c10::kFloat, c10::kDouble, c10::kLong,
                               c10::kInt,   c10::kByte,   c10::kBool};

void check_tensor(const CallSite& call, const at::Tensor& tensor, const char* name) {
  check<CommunicationError>(tensor.defined(), "{}: {} is not defined", call.text(), name);
  check<CommunicationError>(tensor.device().type() == call.device && tensor.is_contiguous(),
                            "{}: {} must be a contiguous {} tensor; call contiguous() first",
                            call.text(), name, c10::DeviceTypeName(call.device));
  check<CommunicationError>(
      std::find(kTypes.begin(), kTypes.end(), tensor.scalar_type()) != kTypes.end(),
      "{}: {} has type {}; expected float32, float64, int64, int32, uint8 or bool", call.text(),
      name, c10::toString(tensor.scalar_type()));
}

void check_elements(const CallSite& call, const at::Tensor& tensor, const char* name,
                    int64_t expected) {
  check<CommunicationError>(tensor.numel() == expected, "{}: {} has {} elements; expected {}",
                            call.text(), name, tensor.numel(), expected);
}

void check_reducible(const CallSite& call, const at::Tensor& tensor, ReduceOp op) {
  check<CommunicationError>(op != ReduceOp::kSum || tensor.scalar_type() != c10::kBool,
                            "{}: bool has no sum; use max for \"any\", min for \"all\"",
                            call.text());
}

void check_pair(const CallSite& call, const at::Tensor& output, const at::Tensor& input) {
  check_tensor(call, output, "output");
  check_tensor(call, input, "input");
  check<CommunicationError>(output.scalar_type() == input.scalar_type(),
                            "{}: output has type {}, input {}; expected the same", call.text(),
                            c10::toString(output.scalar_type()),
                            c10::toString(input.scalar_type()));
}

void check_apart(const CallSite& call, const at::Tensor& output, const at::Tensor& input) {
  const auto* out = static_cast<const std::byte*>(output.const_data_ptr());
  const auto* in = static_cast<const std::byte*>(input.const_data_ptr());
  const bool apart = output.numel() == 0 || input.numel() == 0 || out + output.nbytes() <= in ||
                     in + input.nbytes() <= out;
  check<CommunicationError>(apart, "{}: input and output share memory; give separate tensors",
                            call.text());
}

/// As check_apart, but a part of the output may be gathered in place.
void check_apart_or_own_part(const CallSite& call, const at::Tensor& output,
                             const at::Tensor& input, int64_t own_begin) {
  const auto* out = static_cast<const std::byte*>(output.const_data_ptr());
  if (input.const_data_ptr() == out + own_begin * static_cast<int64_t>(output.itemsize())) return;
  check_apart(call, output, input);
}

int64_t sum_of(std::span<const int64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

void check_counts(const CallSite& call, std::span<const int64_t> counts, const char* name) {
  check<CommunicationError>(std::cmp_equal(counts.size(), call.size),
                            "{}: {} {}; expected one per rank", call.text(), counts.size(), name);
  check<CommunicationError>(
      std::all_of(counts.begin(), counts.end(), [](auto n) { return n >= 0; }), "{}: negative {}",
      call.text(), name);
}

}  // namespace

std::string CallSite::text() const {
  return fmt::format("{} on rank {} of {}", collective, rank, size);
}

void check_all_reduce(const CallSite& call, const at::Tensor& tensor, ReduceOp op) {
  check_tensor(call, tensor, "tensor");
  check_reducible(call, tensor, op);
}

void check_broadcast(const CallSite& call, const at::Tensor& tensor, int root) {
  check_tensor(call, tensor, "tensor");
  check<CommunicationError>(root >= 0 && root < call.size, "{}: there is no root {}", call.text(),
                            root);
}

void check_all_gather(const CallSite& call, const at::Tensor& output, const at::Tensor& input) {
  check_pair(call, output, input);
  check_elements(call, output, "output", call.size * input.numel());
  check_apart_or_own_part(call, output, input, call.rank * input.numel());
}

void check_all_gather_v(const CallSite& call, const at::Tensor& output, const at::Tensor& input,
                        std::span<const int64_t> counts) {
  check_pair(call, output, input);
  check_counts(call, counts, "counts");
  const auto rank = static_cast<std::size_t>(call.rank);
  check_elements(call, output, "output", sum_of(counts));
  check_elements(call, input, "input", counts[rank]);
  check_apart_or_own_part(call, output, input, sum_of(counts.first(rank)));
}

void check_reduce_scatter(const CallSite& call, const at::Tensor& output, const at::Tensor& input,
                          ReduceOp op) {
  check_pair(call, output, input);
  check_elements(call, input, "input", call.size * output.numel());
  check_reducible(call, input, op);
  check_apart(call, output, input);
}

void check_all_to_all(const CallSite& call, const at::Tensor& output, const at::Tensor& input) {
  check_pair(call, output, input);
  check_elements(call, output, "output", input.numel());
  check<CommunicationError>(input.numel() % call.size == 0,
                            "{}: {} elements do not divide into equal parts", call.text(),
                            input.numel());
  check_apart(call, output, input);
}

void check_all_to_all_v(const CallSite& call, const at::Tensor& output,
                        std::span<const int64_t> receive_counts, const at::Tensor& input,
                        std::span<const int64_t> send_counts) {
  check_pair(call, output, input);
  check_counts(call, receive_counts, "receive counts");
  check_counts(call, send_counts, "send counts");
  check_elements(call, output, "output", sum_of(receive_counts));
  check_elements(call, input, "input", sum_of(send_counts));
  const auto rank = static_cast<std::size_t>(call.rank);
  check<CommunicationError>(send_counts[rank] == receive_counts[rank],
                            "{}: sends {} elements to itself but receives {}", call.text(),
                            send_counts[rank], receive_counts[rank]);
  check_apart(call, output, input);
}

std::vector<int64_t> offsets_of(std::span<const int64_t> counts) {
  std::vector<int64_t> offsets(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), offsets.begin(), int64_t{0});
  return offsets;
}

}  // namespace trunkline
