// Tensors of any device through a communicator for CPU tensors, by copies in pinned host memory.
#pragma once

#include <memory>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// Copies each tensor to the host, makes the call there and copies the result back; CPU tensors go
/// through uncopied. Slow, but it asks nothing of the devices: ranks may share one.
class StagedCommunicator final : public Communicator {
 public:
  StagedCommunicator(std::unique_ptr<Communicator> host, c10::Device device)
      : host_(std::move(host)), device_(device) {}

  int rank() const override { return host_->rank(); }
  int size() const override { return host_->size(); }
  std::string backend() const override { return "staged"; }

  /// On the device.
  at::Tensor allocate(int64_t elements, c10::ScalarType type) override;
  void all_reduce(at::Tensor& tensor, ReduceOp op) override;
  void broadcast(at::Tensor& tensor, int root) override;
  void all_gather(at::Tensor& output, const at::Tensor& input) override;
  void all_gather_v(at::Tensor& output, const at::Tensor& input,
                    std::span<const int64_t> counts) override;
  void reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) override;
  void all_to_all(at::Tensor& output, const at::Tensor& input) override;
  void all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                    const at::Tensor& input, std::span<const int64_t> send_counts) override;
  void barrier() override { host_->barrier(); }
  std::unique_ptr<Communicator> split(int color, int key) override;
  [[noreturn]] void abort(int code) override;

 private:
  std::unique_ptr<Communicator> host_;
  c10::Device device_;
};

}  // namespace trunkline
