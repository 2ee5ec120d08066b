#include "mpi_exchange.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "mpi_error.hpp"
#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr int kTag = 0;

/// The messages on their way, and how many elements each receive waits for.
class Messages {
 public:
  Messages(const Wire& wire, const CallSite& call) : wire_(wire), call_(call) {}

  void receive(std::byte* data, int64_t elements, int peer) {
    cut(elements, [&](int64_t begin, int count) {
      expected_.push_back({peer, count});
      check_mpi(MPI_Irecv(data + begin * wire_.element_bytes, count, wire_.type, peer, kTag,
                          wire_.comm, &next()),
                call_.text());
    });
  }

  void send(const std::byte* data, int64_t elements, int peer) {
    cut(elements, [&](int64_t begin, int count) {
      expected_.push_back({peer, kSent});
      check_mpi(MPI_Isend(data + begin * wire_.element_bytes, count, wire_.type, peer, kTag,
                          wire_.comm, &next()),
                call_.text());
    });
  }

  /// Waits for every message, also after a failure: MPI_Waitall would return with others still
  /// writing into the output.
  void wait() {
    std::string failure;
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      MPI_Status status;
      const int error = MPI_Wait(&requests_[i], &status);
      if (failure.empty()) failure = fault(error, status, expected_[i]);
    }
    check<CommunicationError>(failure.empty(), "{}: {}", call_.text(), failure);
  }

 private:
  static constexpr int kSent = -1;
  struct Expected {
    int peer;
    int count;
  };

  // An empty part is one empty message, so that a peer that expects elements finds out.
  template <class Post>
  void cut(int64_t elements, Post post) const {
    int64_t begin = 0;
    do {
      const int64_t count = std::min(elements - begin, wire_.most_elements);
      post(begin, static_cast<int>(count));
      begin += count;
    } while (begin < elements);
  }

  MPI_Request& next() { return requests_.emplace_back(MPI_REQUEST_NULL); }

  /// What is wrong with a message that has come or gone; empty if nothing.
  std::string fault(int error, const MPI_Status& status, const Expected& expected) const {
    if (error != MPI_SUCCESS)
      return fmt::format("with rank {}: {}", expected.peer, mpi_error_text(error));
    int found = expected.count;
    if (expected.count != kSent) MPI_Get_count(&status, wire_.type, &found);
    if (found == expected.count) return "";
    return fmt::format("rank {} sent {} elements; expected {}", expected.peer, found,
                       expected.count);
  }

  const Wire& wire_;
  const CallSite& call_;
  std::vector<MPI_Request> requests_;
  std::vector<Expected> expected_;
};

}  // namespace

void exchange(const Wire& wire, const CallSite& call, Parts<std::byte> output,
              Parts<const std::byte> input) {
  const std::vector<int64_t> out_begin = offsets_of(output.counts);
  const std::vector<int64_t> in_begin = offsets_of(input.counts);
  const auto out = [&](int rank) { return output.data + out_begin[rank] * wire.element_bytes; };
  const auto in = [&](int rank) { return input.data + in_begin[rank] * wire.element_bytes; };

  Messages messages(wire, call);
  for (int step = 1; step < call.size; ++step) {
    const int from = (call.rank - step + call.size) % call.size;
    messages.receive(out(from), output.counts[from], from);
  }
  for (int step = 1; step < call.size; ++step) {
    const int to = (call.rank + step) % call.size;
    messages.send(in(to), input.counts[to], to);
  }
  const int64_t own = input.counts[call.rank];
  if (own > 0) std::memcpy(out(call.rank), in(call.rank), own * wire.element_bytes);
  messages.wait();
}

}  // namespace trunkline
