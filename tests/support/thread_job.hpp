// What the ranks of a thread world share: who is still there, and where they meet.
#pragma once

#include <ATen/core/TensorBody.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "trunkline/comm/communicator.hpp"

namespace trunkline {

/// What one rank brings to a collective.
struct Contribution {
  std::string collective;
  at::Tensor output = {};
  at::Tensor input = {};
  std::vector<int64_t> receive_counts = {};  ///< all_gather_v: counts
  std::vector<int64_t> send_counts = {};
  ReduceOp op = ReduceOp::kSum;
  int root = 0;
  int color = 0;
  int key = 0;
  std::unique_ptr<Communicator> part = {};  ///< what split gives this rank
};

/// Does the work of a collective for all ranks at once, in rank order.
using Collective = std::function<void(std::span<Contribution> contributions)>;

/// The state of one job: one mutex for everything, so that a failure wakes all. Thread-safe.
class ThreadJob {
 public:
  explicit ThreadJob(int ranks) : left_(static_cast<std::size_t>(ranks)) {}

  /// Ends the job: everybody who waits or calls later throws CommunicationError with this text.
  /// The first call counts.
  void fail(std::exception_ptr cause, const std::string& text);

  /// This rank takes part in nothing any more.
  void leave(int rank);

  /// What the first call of fail was given; null if nobody failed.
  std::exception_ptr cause() const;

 private:
  friend class Meeting;
  void fail_locked(std::exception_ptr cause, const std::string& text);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr cause_;
  std::string failure_;
  std::vector<bool> left_;
};

/// Where the ranks of one communicator come together for each collective. Thread-safe.
class Meeting {
 public:
  /// @param members ranks of the job, in the order of their ranks here
  Meeting(ThreadJob& job, std::vector<int> members);

  int size() const { return static_cast<int>(members_.size()); }
  int member(int rank) const { return members_[static_cast<std::size_t>(rank)]; }
  ThreadJob& job() const { return job_; }

  /// Waits until all ranks have come; the last one runs the collective for all.
  /// @return the contribution, with what the collective gave it
  /// @throws CommunicationError if the job has failed, a member has left, or members call
  /// different collectives
  Contribution meet(int rank, Contribution contribution, const Collective& collective);

 private:
  void check_alive() const;
  void finish(const Collective& collective);
  void check_same_collective() const;

  ThreadJob& job_;
  std::vector<int> members_;
  std::vector<Contribution> contributions_;
  std::vector<bool> here_;
  int64_t meetings_ = 0;
};

}  // namespace trunkline
