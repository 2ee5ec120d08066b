// The contract on GPUs, one per rank through NCCL, or shared through the host; started by mpirun.
// Exits 77 where there is no GPU.
#include <gtest/gtest.h>

#include <cstdlib>

#include "comm/contract_suite.hpp"
#include "trunkline/comm/cuda.hpp"
#include "trunkline/comm/mpi_session.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr int kSkipped = 77;

/// Makes every call on copies of its tensors on a device, so that checks written for CPU tensors
/// test what travels there.
class OnDevice final : public Communicator {
 public:
  OnDevice(std::unique_ptr<Communicator> ranks, c10::Device device)
      : ranks_(std::move(ranks)), device_(device) {}

  int rank() const override { return ranks_->rank(); }
  int size() const override { return ranks_->size(); }
  std::string backend() const override { return ranks_->backend(); }

  void all_reduce(at::Tensor& tensor, ReduceOp op) override {
    with(tensor, [&](at::Tensor& there) { ranks_->all_reduce(there, op); });
  }
  void broadcast(at::Tensor& tensor, int root) override {
    with(tensor, [&](at::Tensor& there) { ranks_->broadcast(there, root); });
  }
  void all_gather(at::Tensor& output, const at::Tensor& input) override {
    with(output, [&](at::Tensor& there) { ranks_->all_gather(there, input.to(device_)); });
  }
  void all_gather_v(at::Tensor& output, const at::Tensor& input,
                    std::span<const int64_t> counts) override {
    with(output,
         [&](at::Tensor& there) { ranks_->all_gather_v(there, input.to(device_), counts); });
  }
  void reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) override {
    with(output, [&](at::Tensor& there) { ranks_->reduce_scatter(there, input.to(device_), op); });
  }
  void all_to_all(at::Tensor& output, const at::Tensor& input) override {
    with(output, [&](at::Tensor& there) { ranks_->all_to_all(there, input.to(device_)); });
  }
  void all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                    const at::Tensor& input, std::span<const int64_t> send_counts) override {
    with(output, [&](at::Tensor& there) {
      ranks_->all_to_all_v(there, receive_counts, input.to(device_), send_counts);
    });
  }
  void barrier() override { ranks_->barrier(); }
  std::unique_ptr<Communicator> split(int color, int key) override {
    auto part = ranks_->split(color, key);
    return part ? std::make_unique<OnDevice>(std::move(part), device_) : nullptr;
  }
  [[noreturn]] void abort(int code) override {
    ranks_->abort(code);
    std::_Exit(code);
  }

 private:
  template <class Call>
  void with(at::Tensor& tensor, Call call) {
    at::Tensor there = tensor.to(device_);
    call(there);
    tensor.copy_(there);
  }

  std::unique_ptr<Communicator> ranks_;
  c10::Device device_;
};

void append(std::vector<ContractCheck>& all, const std::vector<ContractCheck>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

int run_contract(Communicator& host) {
  DeviceWorld opened = open_cuda(host);
  std::vector<ContractCheck> on_device;
  append(on_device, value_checks());
  append(on_device, bit_checks());
  append(on_device, split_checks());
  Communicator& world = *opened.world;
  const auto duplicate = world.split(0, world.rank());
  OnDevice there(std::move(opened.world), opened.device);
  register_checks("ContractOnDevice", there, on_device);
  std::vector<ContractCheck>
      on_host;  // value checks read what they allocate, which is on the device
  append(on_host, bit_checks());
  append(on_host, argument_checks());
  register_checks("ContractOnHost", *duplicate, on_host);
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace trunkline

int main(int argc, char** argv) {
  using namespace trunkline;
  testing::InitGoogleTest(&argc, argv);
  const MpiSession session;
  const auto host = session.world();
  try {
    count_cuda_devices();
  } catch (const UsageError& error) {
    if (host->rank() == 0) std::cout << "skipped: " << error.what() << std::endl;
    return kSkipped;
  }
  return run_contract(*host);
}
