// One rank's view of ranks that are threads.
#pragma once

#include <memory>

#include "support/thread_job.hpp"
#include "trunkline/comm/arguments.hpp"

namespace trunkline {

/// A communicator whose ranks meet in memory; the last to come does the work for all.
class ThreadCommunicator final : public Communicator {
 public:
  ThreadCommunicator(std::shared_ptr<Meeting> meeting, int rank)
      : meeting_(std::move(meeting)), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return meeting_->size(); }
  std::string backend() const override { return "threads"; }

  void all_reduce(at::Tensor& tensor, ReduceOp op) override;
  void broadcast(at::Tensor& tensor, int root) override;
  void all_gather(at::Tensor& output, const at::Tensor& input) override;
  void all_gather_v(at::Tensor& output, const at::Tensor& input,
                    std::span<const int64_t> counts) override;
  void reduce_scatter(at::Tensor& output, const at::Tensor& input, ReduceOp op) override;
  void all_to_all(at::Tensor& output, const at::Tensor& input) override;
  void all_to_all_v(at::Tensor& output, std::span<const int64_t> receive_counts,
                    const at::Tensor& input, std::span<const int64_t> send_counts) override;
  void barrier() override;
  std::unique_ptr<Communicator> split(int color, int key) override;
  [[noreturn]] void abort(int code) override;

 private:
  CallSite call(const char* collective) const { return {collective, rank_, size()}; }

  std::shared_ptr<Meeting> meeting_;
  int rank_;
};

}  // namespace trunkline
