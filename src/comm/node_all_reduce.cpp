#include "node_all_reduce.hpp"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>

#include "mpi_error.hpp"

namespace trunkline {
namespace {

constexpr int64_t kBlock = 2048;  // elements that are summed while they stay in the nearest cache

int64_t slice_begin(int64_t elements, int slice, int slices) { return elements * slice / slices; }

// out[i] = sum of blocks[r][i] in the order of r; out may be one of the blocks.
template <class T>
void sum_blocks(T* out, const std::vector<const T*>& blocks, int64_t n) {
  std::array<T, kBlock> sum;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t count = std::min(kBlock, n - begin);
    std::copy_n(blocks[0] + begin, count, sum.begin());
    for (std::size_t r = 1; r < blocks.size(); ++r) {
      const T* block = blocks[r] + begin;
      for (int64_t i = 0; i < count; ++i) sum[i] += block[i];
    }
    std::copy_n(sum.begin(), count, out + begin);
  }
}

void free_comm(MPI_Comm& comm) {
  if (comm != MPI_COMM_NULL) MPI_Comm_free(&comm);
}

// Whether all nodes have this many ranks.
bool even(MPI_Comm world, int size) {
  std::array<int, 2> bounds = {size, -size};
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, bounds.data(), 2, MPI_INT, MPI_MAX, world),
            "MPI_Allreduce");
  return bounds[0] == -bounds[1];
}

}  // namespace

std::unique_ptr<NodeAllReduce> NodeAllReduce::create(MPI_Comm world) {
  std::unique_ptr<NodeAllReduce> made(new NodeAllReduce());
  int world_rank = 0;
  check_mpi(MPI_Comm_rank(world, &world_rank), "MPI_Comm_rank");
  check_mpi(
      MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, world_rank, MPI_INFO_NULL, &made->node_),
      "MPI_Comm_split_type");
  check_mpi(MPI_Comm_rank(made->node_, &made->rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(made->node_, &made->size_), "MPI_Comm_size");
  if (!even(world, made->size_) || made->size_ == 1) return nullptr;
  check_mpi(MPI_Comm_split(world, made->rank_, world_rank, &made->across_), "MPI_Comm_split");
  made->between_.emplace(made->across_);
  return made;
}

// Freeing is collective. While an exception passes through one rank its peers may be elsewhere.
NodeAllReduce::~NodeAllReduce() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (finalized != 0 || std::uncaught_exceptions() != 0) return;
  free_comm(node_);
  free_comm(across_);
}

at::Tensor NodeAllReduce::allocate(int64_t elements, c10::ScalarType type) {
  const auto bytes = static_cast<std::size_t>(elements) * c10::elementSize(type);
  std::shared_ptr<NodeMemory> memory = NodeMemory::create(node_, bytes);
  int good = memory ? 1 : 0;
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, across_), "MPI_Allreduce");
  if (good == 0) return {};
  memories_.push_back(memory);
  return at::from_blob(
      memory->block(rank_), {elements}, [memory](void*) mutable { memory.reset(); },
      at::TensorOptions(type));
}

std::optional<NodeAllReduce::Found> NodeAllReduce::find(const at::Tensor& tensor) const {
  const auto* first = static_cast<const std::byte*>(tensor.const_data_ptr());
  for (const std::weak_ptr<NodeMemory>& weak : memories_) {
    const std::shared_ptr<NodeMemory> memory = weak.lock();
    if (!memory) continue;
    const std::byte* block = memory->block(rank_);
    if (first >= block && first + tensor.nbytes() <= block + memory->bytes())
      return Found{memory.get(), static_cast<std::size_t>(first - block)};
  }
  return std::nullopt;
}

bool NodeAllReduce::sum(at::Tensor& tensor) {
  if (tensor.numel() == 0) return false;
  const std::optional<Found> found = find(tensor);
  if (!found) return false;
  if (tensor.scalar_type() == at::kFloat)
    sum_as<float>(*found, tensor.numel());
  else if (tensor.scalar_type() == at::kDouble)
    sum_as<double>(*found, tensor.numel());
  else
    return false;
  return true;
}

template <class T>
void NodeAllReduce::sum_as(const Found& found, int64_t elements) {
  const auto block = [&](int rank) {
    return reinterpret_cast<T*>(found.memory->block(rank) + found.offset);
  };
  const int64_t begin = slice_begin(elements, rank_, size_);
  const int64_t end = slice_begin(elements, rank_ + 1, size_);
  std::vector<const T*> blocks;
  for (int r = 0; r < size_; ++r) blocks.push_back(block(r) + begin);

  const char* site = "all_reduce within a node";
  check_mpi(MPI_Barrier(node_), site);  // everybody's values are there
  sum_blocks(block(rank_) + begin, blocks, end - begin);
  between_->sum(block(rank_) + begin, end - begin);
  check_mpi(MPI_Barrier(node_), site);  // everybody's slice is there
  for (int r = 0; r < size_; ++r) {
    if (r == rank_) continue;
    const int64_t first = slice_begin(elements, r, size_);
    const int64_t last = slice_begin(elements, r + 1, size_);
    std::copy(block(r) + first, block(r) + last, block(rank_) + first);
  }
  check_mpi(MPI_Barrier(node_), site);  // nobody reads any more: the owner may write again
}

}  // namespace trunkline
