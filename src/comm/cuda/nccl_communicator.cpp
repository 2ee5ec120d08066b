#include "nccl_communicator.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/core/Event.h>
#include <c10/cuda/CUDAGuard.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <thread>
#include <vector>

#include "cuda_error.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr std::chrono::microseconds kPoll{10};  // short beside any collective of a step

ncclDataType_t type_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case c10::kFloat:
      return ncclFloat32;
    case c10::kDouble:
      return ncclFloat64;
    case c10::kLong:
      return ncclInt64;
    case c10::kInt:
      return ncclInt32;
    case c10::kByte:
    case c10::kBool:
      return ncclUint8;
    default:
      throw BugError("a tensor type that the argument checks should have refused");
  }
}

ncclRedOp_t op_of(ReduceOp op) {
  switch (op) {
    case ReduceOp::kMin:
      return ncclMin;
    case ReduceOp::kMax:
      return ncclMax;
    default:
      return ncclSum;
  }
}

std::size_t elements(const at::Tensor& tensor) { return static_cast<std::size_t>(tensor.numel()); }

std::byte* bytes(at::Tensor& tensor, int64_t element = 0) {
  return static_cast<std::byte*>(tensor.mutable_data_ptr()) +
         element * static_cast<int64_t>(tensor.itemsize());
}

const std::byte* bytes(const at::Tensor& tensor, int64_t element = 0) {
  return static_cast<const std::byte*>(tensor.const_data_ptr()) +
         element * static_cast<int64_t>(tensor.itemsize());
}

/// Calls post(p) for each rank as one operation; a group that was begun is ended in any case.
template <class Post>
ncclResult_t for_each_rank(int size, Post post) {
  if (const ncclResult_t begun = ncclGroupStart(); begun != ncclSuccess) return begun;
  ncclResult_t posted = ncclSuccess;
  for (int p = 0; p < size && posted == ncclSuccess; ++p) posted = post(p);
  const ncclResult_t ended = ncclGroupEnd();
  return posted == ncclSuccess ? ended : posted;
}

// NCCL's name of this set of ranks, made by rank 0.
ncclUniqueId agree_on_id(Communicator& host) {
  ncclUniqueId id{};
  if (host.rank() == 0) check_nccl(ncclGetUniqueId(&id), "ncclGetUniqueId on rank 0");
  at::Tensor text = at::empty({static_cast<int64_t>(sizeof(id))}, at::kByte);
  std::memcpy(text.mutable_data_ptr(), &id, sizeof(id));
  host.broadcast(text, 0);
  std::memcpy(&id, text.const_data_ptr(), sizeof(id));
  return id;
}

}  // namespace

NcclCommunicator::NcclCommunicator(std::unique_ptr<Communicator> host, c10::Device device)
    : host_(std::move(host)),
      device_(device),
      stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/true, device.index())) {
  const ncclUniqueId id = agree_on_id(*host_);
  const c10::cuda::CUDAGuard guard(device_);
  check_nccl(ncclCommInitRank(&comm_, size(), id, rank()),
             CallSite{"ncclCommInitRank", rank(), size()}.text());
}

// Destroying waits for all ranks. While an exception passes through one its peers may be elsewhere.
NcclCommunicator::~NcclCommunicator() {
  if (comm_ == nullptr) return;
  if (std::uncaught_exceptions() == 0)
    ncclCommDestroy(comm_);
  else
    ncclCommAbort(comm_);
}

// Gradients are computed on the device's default stream, whichever thread makes the call.
void NcclCommunicator::run(const CallSite& site, const std::function<ncclResult_t()>& post) {
  check<CommunicationError>(comm_ != nullptr, "{}: NCCL was aborted after an earlier error",
                            site.text());
  try {
    const c10::cuda::CUDAGuard guard(device_);
    c10::Event ready(c10::kCUDA), done(c10::kCUDA);
    ready.record(c10::cuda::getDefaultCUDAStream(device_.index()));
    ready.block(stream_);
    if (const ncclResult_t posted = post(); posted != ncclSuccess)
      fail(site, nccl_error_text(posted));
    done.record(stream_);
    wait(site, done);
  } catch (const c10::Error& error) {
    fail(site, error.what_without_backtrace());
  }
}

void NcclCommunicator::wait(const CallSite& site, const c10::Event& done) {
  while (!done.query()) {
    ncclResult_t state = ncclSuccess;
    const ncclResult_t asked = ncclCommGetAsyncError(comm_, &state);
    if (asked != ncclSuccess) fail(site, nccl_error_text(asked));
    if (state != ncclSuccess && state != ncclInProgress) fail(site, nccl_error_text(state));
    std::this_thread::sleep_for(kPoll);
  }
}

void NcclCommunicator::fail(const CallSite& site, const std::string& what) {
  ncclCommAbort(std::exchange(comm_, nullptr));
  throw CommunicationError(fmt::format("{}: {}", site.text(), what.substr(0, what.find('\n'))));
}

at::Tensor NcclCommunicator::allocate(int64_t elements, c10::ScalarType type) {
  return at::zeros({elements}, c10::TensorOptions(type).device(device_));
}

void NcclCommunicator::all_reduce(at::Tensor& tensor, ReduceOp op) {
  if (tensor.is_cpu()) return host_->all_reduce(tensor, op);
  const CallSite site = call("all_reduce");
  check_all_reduce(site, tensor, op);
  run(site, [&] {
    return ncclAllReduce(bytes(tensor), bytes(tensor), elements(tensor), type_of(tensor), op_of(op),
                         comm_, stream_);
  });
}

void NcclCommunicator::broadcast(at::Tensor& tensor, int root) {
  if (tensor.is_cpu()) return host_->broadcast(tensor, root);
  const CallSite site = call("broadcast");
  check_broadcast(site, tensor, root);
  run(site, [&] {
    return ncclBroadcast(bytes(tensor), bytes(tensor), elements(tensor), type_of(tensor), root,
                         comm_, stream_);
  });
}

void NcclCommunicator::all_gather(at::Tensor& output, const at::Tensor& input) {
  if (output.is_cpu()) return host_->all_gather(output, input);
  const CallSite site = call("all_gather");
  check_all_gather(site, output, input);
  run(site, [&] {
    return ncclAllGather(bytes(input), bytes(output), elements(input), type_of(input), comm_,
                         stream_);
  });
}

// NCCL gathers equal parts only; parts of any size are one broadcast from each rank.
void NcclCommunicator::all_gather_v(at::Tensor& output, const at::Tensor& input,
                                    std::span<const int64_t> counts) {
  if (output.is_cpu()) return host_->all_gather_v(output, input, counts);
  const CallSite site = call("all_gather_v");
  check_all_gather_v(site, output, input, counts);
  const std::vector<int64_t> begins = offsets_of(counts);
  run(site, [&] {
    return for_each_rank(size(), [&](int root) {
      std::byte* part = bytes(output, begins[root]);
      return ncclBroadcast(root == rank() ? bytes(input) : part, part,
                           static_cast<std::size_t>(counts[root]), type_of(output), root, comm_,
                           stream_);
    });
  });
}

void NcclCommunicator::reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) {
  if (output.is_cpu()) return host_->reduce_scatter(output, input, op);
  const CallSite site = call("reduce_scatter");
  check_reduce_scatter(site, output, input, op);
  run(site, [&] {
    return ncclReduceScatter(bytes(input), bytes(output), elements(output), type_of(output),
                             op_of(op), comm_, stream_);
  });
}

void NcclCommunicator::all_to_all(at::Tensor& output, const at::Tensor& input) {
  if (output.is_cpu()) return host_->all_to_all(output, input);
  check_all_to_all(call("all_to_all"), output, input);
  const std::vector<int64_t> counts(static_cast<std::size_t>(size()), input.numel() / size());
  all_to_all_v(output, counts, input, counts);
}

void NcclCommunicator::all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                                    const at::Tensor& input, std::span<const int64_t> send_counts) {
  if (output.is_cpu()) return host_->all_to_all_v(output, receive_counts, input, send_counts);
  const CallSite site = call("all_to_all_v");
  check_all_to_all_v(site, output, receive_counts, input, send_counts);
  const std::vector<int64_t> sent = offsets_of(send_counts), taken = offsets_of(receive_counts);
  run(site, [&] {
    return for_each_rank(size(), [&](int p) {
      const ncclResult_t posted =
          ncclSend(bytes(input, sent[p]), static_cast<std::size_t>(send_counts[p]), type_of(input),
                   p, comm_, stream_);
      if (posted != ncclSuccess) return posted;
      return ncclRecv(bytes(output, taken[p]), static_cast<std::size_t>(receive_counts[p]),
                      type_of(output), p, comm_, stream_);
    });
  });
}

std::unique_ptr<Communicator> NcclCommunicator::split(int color, int key) {
  std::unique_ptr<Communicator> part = host_->split(color, key);
  return part ? std::make_unique<NcclCommunicator>(std::move(part), device_) : nullptr;
}

// g++ does not trust a virtual function not to return.
void NcclCommunicator::abort(int code) {
  host_->abort(code);
  std::_Exit(code);
}

}  // namespace trunkline
