// Batches that are made on a thread of their own, a few ahead of the one that is used.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "trunkline/data/loader.hpp"

namespace trunkline {

/// The queue is bounded. An exception of the producer surfaces from next(), after the batches
/// before it, and from every later call. The destructor stops the thread.
class Prefetcher final : public Loader {
 public:
  /// @param produce makes the next batch; called on the thread only
  Prefetcher(std::function<Batch()> produce, int64_t depth);
  ~Prefetcher() override;

  Batch next() override;

 private:
  void loop();
  bool put(Batch batch);

  std::function<Batch()> produce_;
  std::size_t depth_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the members above
};

}  // namespace trunkline
