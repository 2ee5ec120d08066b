#include "ring_all_reduce.hpp"

#include <algorithm>
#include <span>

#include "mpi_error.hpp"

namespace trunkline {
namespace {

constexpr int64_t kSegment = 64 << 10;  // bytes
constexpr int64_t kWindow = 32;         // receives that wait at a time, at most
constexpr int kTag = 1;
constexpr const char* kSite = "all_reduce between hosts";

MPI_Datatype mpi_type(float) { return MPI_FLOAT; }
MPI_Datatype mpi_type(double) { return MPI_DOUBLE; }

/// One sum: P - 1 steps in which a block comes from the left and is added to, P - 1 in which its
/// sum comes and stays. What came in step s leaves in step s + 1. Messages are numbered through
/// all steps, `per_step` in each.
template <class T>
class Ring {
 public:
  Ring(MPI_Comm ranks, int rank, int size, std::span<T> values, std::span<T> inbox)
      : ranks_(ranks), rank_(rank), size_(size), values_(values), inbox_(inbox) {
    const auto elements = static_cast<int64_t>(values.size());
    block_ = (elements + size - 1) / size;
    per_step_ = (block_ + kLength - 1) / kLength;
    window_ = std::min(kWindow, per_step_);
    sends_.assign(messages(), MPI_REQUEST_NULL);
    receives_.assign(window_, MPI_REQUEST_NULL);
  }

  void run() {
    for (int64_t m = 0; m < window_; ++m) receive(m);
    for (int64_t m = 0; m < per_step_; ++m) send(m);
    for (int64_t m = 0; m < messages(); ++m) {
      check_mpi(MPI_Wait(&receives_[m % window_], MPI_STATUS_IGNORE), kSite);
      if (adds(m)) add(m);
      if (m + window_ < messages()) receive(m + window_);
      if (m + per_step_ < messages()) send(m + per_step_);
    }
    check_mpi(MPI_Waitall(static_cast<int>(messages()), sends_.data(), MPI_STATUSES_IGNORE), kSite);
  }

 private:
  static constexpr int64_t kLength = kSegment / static_cast<int64_t>(sizeof(T));

  int64_t messages() const { return 2 * (size_ - 1) * per_step_; }
  int64_t step(int64_t message) const { return message / per_step_; }
  bool adds(int64_t message) const { return step(message) < size_ - 1; }

  /// The part of the values that message m of a rank's left neighbour, or of this rank, carries;
  /// empty where the last block is shorter.
  std::span<T> segment(int64_t message, int64_t sender) const {
    const int64_t block = ((sender - step(message)) % size_ + 2 * size_) % size_;
    const auto elements = static_cast<int64_t>(values_.size());
    const int64_t begin = block * block_ + message % per_step_ * kLength;
    const int64_t end = std::min({begin + kLength, (block + 1) * block_, elements});
    return values_.subspan(std::min(begin, elements), std::max<int64_t>(end - begin, 0));
  }
  std::span<T> sent(int64_t message) const { return segment(message, rank_); }
  std::span<T> received(int64_t message) const { return segment(message, rank_ - 1); }

  T* place(int64_t message) const {
    return adds(message) ? inbox_.data() + message % window_ * kLength : received(message).data();
  }

  // A sum takes the place of what this rank sent P - 1 steps before.
  void receive(int64_t message) {
    if (!adds(message)) {
      MPI_Request& before = sends_[message - (size_ - 1) * per_step_];
      check_mpi(MPI_Wait(&before, MPI_STATUS_IGNORE), kSite);
    }
    const auto count = static_cast<int>(received(message).size());
    check_mpi(MPI_Irecv(place(message), count, mpi_type(T{}), (rank_ + size_ - 1) % size_, kTag,
                        ranks_, &receives_[message % window_]),
              kSite);
  }

  void send(int64_t message) {
    const std::span<T> values = sent(message);
    check_mpi(MPI_Isend(values.data(), static_cast<int>(values.size()), mpi_type(T{}),
                        (rank_ + 1) % size_, kTag, ranks_, &sends_[message]),
              kSite);
  }

  void add(int64_t message) const {
    const std::span<T> sum = received(message);
    const T* other = place(message);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other[i];
  }

  MPI_Comm ranks_;
  int64_t rank_, size_;
  std::span<T> values_, inbox_;
  int64_t block_ = 0;     // elements of a block, but for the last
  int64_t per_step_ = 0;  // messages
  int64_t window_ = 0;    // of the same step: a sum never waits for what this rank has yet to send
  std::vector<MPI_Request> sends_, receives_;
};

}  // namespace

RingAllReduce::RingAllReduce(MPI_Comm ranks) : ranks_(ranks) {
  check_mpi(MPI_Comm_rank(ranks_, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(ranks_, &size_), "MPI_Comm_size");
}

template <class T>
void RingAllReduce::sum(T* values, int64_t elements) {
  if (size_ == 1) return;
  if (elements * static_cast<int64_t>(sizeof(T)) < size_ * kSegment) {
    const auto count = static_cast<int>(elements);
    return check_mpi(MPI_Allreduce(MPI_IN_PLACE, values, count, mpi_type(T{}), MPI_SUM, ranks_),
                     kSite);
  }
  inbox_.resize(kWindow * kSegment);
  Ring<T>(ranks_, rank_, size_, {values, static_cast<std::size_t>(elements)},
          {reinterpret_cast<T*>(inbox_.data()), inbox_.size() / sizeof(T)})
      .run();
}

template void RingAllReduce::sum(float* values, int64_t elements);
template void RingAllReduce::sum(double* values, int64_t elements);

}  // namespace trunkline
