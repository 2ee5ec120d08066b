// Pieces of a flat gradient that leave for the other ranks while backward still computes the rest.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace torch::autograd {
struct Node;  // its header costs seconds in every file that sees this one
}

namespace trunkline {

/// A parameter and where its gradient lies in the flat one.
struct BucketEntry {
  at::Tensor parameter;  ///< a leaf whose gradient is a view of the flat gradient
  int64_t begin = 0, end = 0;
};

/// Cuts a flat gradient into buckets and sends each as soon as backward has filled it. Backward
/// fills from the end to the begin, so buckets are cut and sent in that order, on every rank the
/// same, whichever gradient is there first; what backward did not touch leaves with finish().
///
/// One training thread. Hooks stay on the parameters as long as this lives.
class Buckets {
 public:
  using Send = std::function<void(int64_t begin, int64_t end)>;

  /// @param entries ascending, covering the flat gradient but for padding
  /// @param elements of the flat gradient   @param bucket_elements least size of a bucket, > 0
  Buckets(std::vector<BucketEntry> entries, int64_t elements, int64_t bucket_elements, Send send);
  ~Buckets();
  Buckets(const Buckets&) = delete;
  Buckets& operator=(const Buckets&) = delete;

  /// The next backward is the last one before finish(): what it completes may leave.
  void arm();
  /// Sends the buckets that have not left, in order.
  void finish();

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    int64_t begin = 0, end = 0;
    int64_t entries = 0, missing = 0;  ///< in all; not yet filled by this backward
  };
  void filled(std::size_t bucket);
  void send_full();

  struct Hook {
    std::shared_ptr<torch::autograd::Node> accumulator;  ///< of a parameter; nobody else keeps it
    uintptr_t key = 0;
  };
  std::vector<Hook> hooks_;
  std::vector<Bucket> buckets_;  ///< in the order of sending
  Send send_;
  std::size_t next_ = 0;  ///< first bucket that has not left
  bool armed_ = false;
};

}  // namespace trunkline
