#include "staged_communicator.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <cstdlib>
#include <utility>

namespace trunkline {
namespace {

// The host's side of a tensor. What is not on a device goes to the call as it is, also an
// undefined tensor, which the call refuses.
at::Tensor beside(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.is_cpu()) return tensor;
  return at::empty(tensor.sizes(), tensor.options().device(at::kCPU).pinned_memory(true));
}

at::Tensor on_host(const at::Tensor& tensor) {
  at::Tensor host = beside(tensor);
  if (!host.is_same(tensor)) host.copy_(tensor);
  return host;
}

void bring_back(at::Tensor& tensor, const at::Tensor& host) {
  if (!host.is_same(tensor)) tensor.copy_(host);
}

}  // namespace

at::Tensor StagedCommunicator::allocate(int64_t elements, c10::ScalarType type) {
  return at::zeros({elements}, c10::TensorOptions(type).device(device_));
}

void StagedCommunicator::all_reduce(at::Tensor& tensor, ReduceOp op) {
  at::Tensor host = on_host(tensor);
  host_->all_reduce(host, op);
  bring_back(tensor, host);
}

void StagedCommunicator::broadcast(at::Tensor& tensor, int root) {
  at::Tensor host = on_host(tensor);
  host_->broadcast(host, root);
  bring_back(tensor, host);
}

void StagedCommunicator::all_gather(at::Tensor& output, const at::Tensor& input) {
  at::Tensor host = beside(output);
  host_->all_gather(host, on_host(input));
  bring_back(output, host);
}

void StagedCommunicator::all_gather_v(at::Tensor& output, const at::Tensor& input,
                                      std::span<const int64_t> counts) {
  at::Tensor host = beside(output);
  host_->all_gather_v(host, on_host(input), counts);
  bring_back(output, host);
}

void StagedCommunicator::reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) {
  at::Tensor host = beside(output);
  host_->reduce_scatter(host, on_host(input), op);
  bring_back(output, host);
}

void StagedCommunicator::all_to_all(at::Tensor& output, const at::Tensor& input) {
  at::Tensor host = beside(output);
  host_->all_to_all(host, on_host(input));
  bring_back(output, host);
}

void StagedCommunicator::all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                                      const at::Tensor& input,
                                      std::span<const int64_t> send_counts) {
  at::Tensor host = beside(output);
  host_->all_to_all_v(host, receive_counts, on_host(input), send_counts);
  bring_back(output, host);
}

std::unique_ptr<Communicator> StagedCommunicator::split(int color, int key) {
  std::unique_ptr<Communicator> part = host_->split(color, key);
  return part ? std::make_unique<StagedCommunicator>(std::move(part), device_) : nullptr;
}

// g++ does not trust a virtual function not to return.
void StagedCommunicator::abort(int code) {
  host_->abort(code);
  std::_Exit(code);
}

}  // namespace trunkline
