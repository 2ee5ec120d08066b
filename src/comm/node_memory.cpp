#include "node_memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "mpi_error.hpp"

namespace trunkline {
namespace {

using Name = std::array<char, 64>;

void* map(int file, std::size_t bytes) {
  if (file < 0) return nullptr;
  void* block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return block == MAP_FAILED ? nullptr : block;
}

// The space is reserved now: a full /dev/shm would otherwise kill the process at its first write.
void* map_own(const Name& name, std::size_t bytes) {
  const int file = shm_open(name.data(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return nullptr;
  if (posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0) return map(file, bytes);
  close(file);
  shm_unlink(name.data());
  return nullptr;
}

Name own_name(const void* unique) {
  Name name{};
  const std::string text = fmt::format("/trunkline-{}-{}", getpid(), unique);
  std::copy(text.begin(), text.end(), name.begin());
  return name;
}

bool all_have(MPI_Comm node, bool mine) {
  int good = mine ? 1 : 0;
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, node), "MPI_Allreduce");
  return good == 1;
}

}  // namespace

std::unique_ptr<NodeMemory> NodeMemory::create(MPI_Comm node, std::size_t bytes) {
  int rank = 0, size = 1;
  check_mpi(MPI_Comm_rank(node, &rank), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(node, &size), "MPI_Comm_size");
  std::unique_ptr<NodeMemory> memory(new NodeMemory(bytes));
  memory->blocks_.assign(size, nullptr);
  const Name name = own_name(memory.get());
  memory->blocks_[rank] = map_own(name, bytes);

  std::vector<Name> names(size);
  check_mpi(MPI_Allgather(name.data(), static_cast<int>(name.size()), MPI_CHAR, names.data(),
                          static_cast<int>(name.size()), MPI_CHAR, node),
            "MPI_Allgather");
  for (int peer = 0; peer < size; ++peer)
    if (peer != rank)
      memory->blocks_[peer] = map(shm_open(names[peer].data(), O_RDWR | O_CLOEXEC, 0), bytes);
  const bool mapped =
      std::find(memory->blocks_.begin(), memory->blocks_.end(), nullptr) == memory->blocks_.end();
  const bool good = all_have(node, mapped);  // nobody looks for a name any more
  if (memory->blocks_[rank] != nullptr) shm_unlink(name.data());
  if (!good) return nullptr;
  return memory;
}

NodeMemory::~NodeMemory() {
  for (void* block : blocks_)
    if (block != nullptr) munmap(block, bytes_);
}

}  // namespace trunkline
