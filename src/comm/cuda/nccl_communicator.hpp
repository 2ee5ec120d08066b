// The communicator of GPUs: NCCL on a stream of its own, one GPU per rank.
#pragma once

#include <c10/cuda/CUDAStream.h>
#include <nccl.h>

#include <functional>
#include <memory>

#include "trunkline/comm/arguments.hpp"
#include "trunkline/comm/communicator.hpp"

namespace c10 {
struct Event;
}

namespace trunkline {

/// Tensors on the device go through NCCL, CPU tensors and barriers through `host`. A call waits for
/// what the device's default stream was given before it, and returns when its own work is done, so
/// that the default stream may use the result. While it waits it asks NCCL for errors of other
/// ranks; after one the communicator is aborted and every later call on device tensors throws.
class NcclCommunicator final : public Communicator {
 public:
  /// Collective over host; no two ranks may have the same GPU.
  NcclCommunicator(std::unique_ptr<Communicator> host, c10::Device device);
  ~NcclCommunicator() override;
  NcclCommunicator(const NcclCommunicator&) = delete;
  NcclCommunicator& operator=(const NcclCommunicator&) = delete;

  int rank() const override { return host_->rank(); }
  int size() const override { return host_->size(); }
  std::string backend() const override { return "nccl"; }

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
  CallSite call(const char* collective) const { return {collective, rank(), size(), c10::kCUDA}; }

  /// Puts work on the stream behind what the device was given, and waits for it.
  void run(const CallSite& site, const std::function<ncclResult_t()>& post);
  void wait(const CallSite& site, const c10::Event& done);
  [[noreturn]] void fail(const CallSite& site, const std::string& what);

  std::unique_ptr<Communicator> host_;
  c10::Device device_;
  c10::cuda::CUDAStream stream_;
  ncclComm_t comm_ = nullptr;  ///< null after an abort
};

}  // namespace trunkline
