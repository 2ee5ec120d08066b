#include <ATen/ops/zeros.h>

#include <cstdlib>
#include <cstring>

#include "trunkline/comm/arguments.hpp"
#include "trunkline/comm/communicator.hpp"

namespace trunkline {
namespace {

// memmove: input may be the output, gathered in place.
void copy(at::Tensor& output, const at::Tensor& input) {
  if (input.numel() > 0)
    std::memmove(output.mutable_data_ptr(), input.const_data_ptr(), input.nbytes());
}

CallSite call(const char* collective) { return {collective, 0, 1}; }

class SingleCommunicator final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  std::string backend() const override { return "single"; }

  void all_reduce(at::Tensor& tensor, ReduceOp op) override {
    check_all_reduce(call("all_reduce"), tensor, op);
  }

  void broadcast(at::Tensor& tensor, int root) override {
    check_broadcast(call("broadcast"), tensor, root);
  }

  void all_gather(at::Tensor& output, const at::Tensor& input) override {
    check_all_gather(call("all_gather"), output, input);
    copy(output, input);
  }

  void all_gather_v(at::Tensor& output, const at::Tensor& input,
                    std::span<const int64_t> counts) override {
    check_all_gather_v(call("all_gather_v"), output, input, counts);
    copy(output, input);
  }

  void reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) override {
    check_reduce_scatter(call("reduce_scatter"), output, input, op);
    copy(output, input);
  }

  void all_to_all(at::Tensor& output, const at::Tensor& input) override {
    check_all_to_all(call("all_to_all"), output, input);
    copy(output, input);
  }

  void all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                    const at::Tensor& input, std::span<const int64_t> send_counts) override {
    check_all_to_all_v(call("all_to_all_v"), output, receive_counts, input, send_counts);
    copy(output, input);
  }

  void barrier() override {}

  std::unique_ptr<Communicator> split(int color, int /*key*/) override {
    return color < 0 ? nullptr : make_single_communicator();
  }

  [[noreturn]] void abort(int code) override { std::_Exit(code); }
};

}  // namespace

at::Tensor Communicator::allocate(int64_t elements, c10::ScalarType type) {
  return at::zeros({elements}, type);
}

std::unique_ptr<Communicator> make_single_communicator() {
  return std::make_unique<SingleCommunicator>();
}

}  // namespace trunkline
