#include "mpi_communicator.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "mpi_error.hpp"
#include "mpi_exchange.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

MPI_Datatype type_of(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case c10::kFloat:
      return MPI_FLOAT;
    case c10::kDouble:
      return MPI_DOUBLE;
    case c10::kLong:
      return MPI_INT64_T;
    case c10::kInt:
      return MPI_INT32_T;
    case c10::kByte:
    case c10::kBool:
      return MPI_UINT8_T;
    default:
      throw BugError("a tensor type that the argument checks should have refused");
  }
}

MPI_Op op_of(ReduceOp op) {
  switch (op) {
    case ReduceOp::kMin:
      return MPI_MIN;
    case ReduceOp::kMax:
      return MPI_MAX;
    default:
      return MPI_SUM;
  }
}

std::byte* bytes(at::Tensor& tensor, int64_t element = 0) {
  return static_cast<std::byte*>(tensor.mutable_data_ptr()) +
         element * static_cast<int64_t>(tensor.itemsize());
}

const std::byte* bytes(const at::Tensor& tensor, int64_t element = 0) {
  return static_cast<const std::byte*>(tensor.const_data_ptr()) +
         element * static_cast<int64_t>(tensor.itemsize());
}

/// The send buffer of a gather: MPI wants to be told if it is this rank's part of the output.
const void* gathered(const at::Tensor& output, const at::Tensor& input, int64_t own_begin) {
  if (bytes(input) == bytes(output, own_begin)) return MPI_IN_PLACE;
  return input.const_data_ptr();
}

/// Whether the ranks are on more than one host; the same on all of them.
bool several_hosts(MPI_Comm ranks, int size) {
  MPI_Comm host = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(ranks, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host),
            "MPI_Comm_split_type");
  int neighbours = 0;
  check_mpi(MPI_Comm_size(host, &neighbours), "MPI_Comm_size");
  MPI_Comm_free(&host);
  return neighbours < size;
}

std::vector<int> ints(std::span<const int64_t> values) { return {values.begin(), values.end()}; }

}  // namespace

MpiCommunicator::MpiCommunicator(MPI_Comm comm, int64_t most_elements, bool apart)
    : comm_(comm), most_elements_(most_elements), apart_(apart) {
  check_mpi(MPI_Comm_rank(comm_, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(comm_, &size_), "MPI_Comm_size");
  if (apart_ || several_hosts(comm_, size_)) ring_.emplace(comm_);
}

// Freeing is collective. While an exception passes through one rank its peers may be elsewhere.
MpiCommunicator::~MpiCommunicator() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  node_.reset();
  if (finalized == 0 && std::uncaught_exceptions() == 0) MPI_Comm_free(&comm_);
}

void MpiCommunicator::in_pieces(int64_t elements,
                                const std::function<void(int64_t, int)>& post) const {
  for (int64_t begin = 0; begin < elements; begin += most_elements_)
    post(begin, static_cast<int>(std::min(elements - begin, most_elements_)));
}

at::Tensor MpiCommunicator::allocate(int64_t elements, c10::ScalarType type) {
  if (!apart_ && !std::exchange(asked_, true)) node_ = NodeAllReduce::create(comm_);
  at::Tensor shared;
  if (node_ && elements > 0) shared = node_->allocate(elements, type);
  return shared.defined() ? shared : Communicator::allocate(elements, type);
}

void MpiCommunicator::all_reduce(at::Tensor& tensor, ReduceOp op) {
  const CallSite site = call("all_reduce");
  check_all_reduce(site, tensor, op);
  if (op == ReduceOp::kSum && node_ && node_->sum(tensor)) return;
  if (op == ReduceOp::kSum && sum_between_hosts(tensor)) return;
  in_pieces(tensor.numel(), [&](int64_t begin, int count) {
    check_mpi(
        MPI_Allreduce(MPI_IN_PLACE, bytes(tensor, begin), count, type_of(tensor), op_of(op), comm_),
        site.text());
  });
}

bool MpiCommunicator::sum_between_hosts(at::Tensor& tensor) {
  if (!ring_) return false;
  if (tensor.scalar_type() == at::kFloat)
    ring_->sum(tensor.mutable_data_ptr<float>(), tensor.numel());
  else if (tensor.scalar_type() == at::kDouble)
    ring_->sum(tensor.mutable_data_ptr<double>(), tensor.numel());
  else
    return false;
  return true;
}

void MpiCommunicator::broadcast(at::Tensor& tensor, int root) {
  const CallSite site = call("broadcast");
  check_broadcast(site, tensor, root);
  in_pieces(tensor.numel(), [&](int64_t begin, int count) {
    check_mpi(MPI_Bcast(bytes(tensor, begin), count, type_of(tensor), root, comm_), site.text());
  });
}

void MpiCommunicator::all_gather(at::Tensor& output, const at::Tensor& input) {
  const CallSite site = call("all_gather");
  check_all_gather(site, output, input);
  const int64_t elements = input.numel();
  if (!fits(output.numel())) {
    const std::vector<int64_t> counts(size_, elements);
    return broadcast_parts(site, output, input, counts);
  }
  const auto count = static_cast<int>(elements);
  check_mpi(MPI_Allgather(gathered(output, input, rank_ * elements), count, type_of(input),
                          bytes(output), count, type_of(output), comm_),
            site.text());
}

void MpiCommunicator::all_gather_v(at::Tensor& output, const at::Tensor& input,
                                   std::span<const int64_t> counts) {
  const CallSite site = call("all_gather_v");
  check_all_gather_v(site, output, input, counts);
  if (!fits(output.numel())) return broadcast_parts(site, output, input, counts);
  const std::vector<int64_t> begins = offsets_of(counts);
  const std::vector<int> offsets = ints(begins);
  check_mpi(MPI_Allgatherv(gathered(output, input, begins[rank_]), static_cast<int>(input.numel()),
                           type_of(input), bytes(output), ints(counts).data(), offsets.data(),
                           type_of(output), comm_),
            site.text());
}

void MpiCommunicator::broadcast_parts(const CallSite& site, at::Tensor& output,
                                      const at::Tensor& input, std::span<const int64_t> counts) {
  const std::vector<int64_t> begins = offsets_of(counts);
  if (input.numel() > 0) std::memmove(bytes(output, begins[rank_]), bytes(input), input.nbytes());
  for (int root = 0; root < size_; ++root)
    in_pieces(counts[root], [&](int64_t begin, int count) {
      check_mpi(MPI_Bcast(bytes(output, begins[root] + begin), count, type_of(output), root, comm_),
                site.text());
    });
}

void MpiCommunicator::reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) {
  const CallSite site = call("reduce_scatter");
  check_reduce_scatter(site, output, input, op);
  if (!fits(input.numel())) return reduce_parts(site, output, input, op);
  check_mpi(MPI_Reduce_scatter_block(bytes(input), bytes(output), static_cast<int>(output.numel()),
                                     type_of(output), op_of(op), comm_),
            site.text());
}

void MpiCommunicator::reduce_parts(const CallSite& site, at::Tensor& output,
                                   const at::Tensor& input, ReduceOp op) {
  const int64_t elements = output.numel();
  for (int root = 0; root < size_; ++root)
    in_pieces(elements, [&](int64_t begin, int count) {
      check_mpi(MPI_Reduce(bytes(input, root * elements + begin), bytes(output, begin), count,
                           type_of(output), op_of(op), root, comm_),
                site.text());
    });
}

void MpiCommunicator::all_to_all(at::Tensor& output, const at::Tensor& input) {
  const CallSite site = call("all_to_all");
  check_all_to_all(site, output, input);
  const int64_t elements = input.numel() / size_;
  if (!fits(input.numel())) {
    const std::vector<int64_t> counts(size_, elements);
    return exchange({comm_, type_of(input), static_cast<int64_t>(input.itemsize()), most_elements_},
                    site, {bytes(output), counts}, {bytes(input), counts});
  }
  const auto count = static_cast<int>(elements);
  check_mpi(MPI_Alltoall(bytes(input), count, type_of(input), bytes(output), count, type_of(output),
                         comm_),
            site.text());
}

// Never MPI_Alltoallv: whether the sizes fit its int offsets differs from rank to rank.
void MpiCommunicator::all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                                   const at::Tensor& input, std::span<const int64_t> send_counts) {
  const CallSite site = call("all_to_all_v");
  check_all_to_all_v(site, output, receive_counts, input, send_counts);
  exchange({comm_, type_of(input), static_cast<int64_t>(input.itemsize()), most_elements_}, site,
           {bytes(output), receive_counts}, {bytes(input), send_counts});
}

void MpiCommunicator::barrier() { check_mpi(MPI_Barrier(comm_), call("barrier").text()); }

std::unique_ptr<Communicator> MpiCommunicator::split(int color, int key) {
  MPI_Comm part = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split(comm_, color < 0 ? MPI_UNDEFINED : color, key, &part),
            call("split").text());
  if (part == MPI_COMM_NULL) return nullptr;
  return std::make_unique<MpiCommunicator>(part, most_elements_, apart_);
}

void MpiCommunicator::abort(int code) {
  MPI_Abort(comm_, code);
  std::_Exit(code);
}

}  // namespace trunkline
