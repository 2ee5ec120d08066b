#define TRUNKLINE_WHOLE_ATEN  // for autograd/function.h
#include "trunkline/exchange/buckets.hpp"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <utility>

namespace trunkline {
namespace {

using torch::autograd::variable_list;

// Called when a parameter's gradient of this backward is complete, also where layers have written
// it themselves and nothing is left to accumulate: hooks of the tensor would not be called then.
class FilledHook final : public torch::autograd::FunctionPostHook {
 public:
  explicit FilledHook(std::function<void()> filled) : filled_(std::move(filled)) {}
  variable_list operator()(const variable_list& outputs, const variable_list&) override {
    filled_();
    return outputs;
  }

 private:
  std::function<void()> filled_;
};

}  // namespace

Buckets::Buckets(std::vector<BucketEntry> entries, int64_t elements, int64_t bucket_elements,
                 Send send)
    : send_(std::move(send)) {
  int64_t end = elements;
  for (std::size_t i = entries.size(); i-- > 0;) {
    if (buckets_.empty() || buckets_.back().end - buckets_.back().begin >= bucket_elements)
      buckets_.push_back({end, end, 0, 0});
    Bucket& bucket = buckets_.back();
    bucket.begin = end = i == 0 ? 0 : entries[i].begin;
    ++bucket.entries;
    hooks_.push_back({torch::autograd::impl::grad_accumulator(entries[i].parameter)});
    hooks_.back().key = hooks_.back().accumulator->add_post_hook(
        std::make_unique<FilledHook>([this, b = buckets_.size() - 1] { filled(b); }));
  }
}

Buckets::~Buckets() {
  for (const Hook& hook : hooks_) hook.accumulator->del_post_hook(hook.key);
}

void Buckets::arm() {
  for (Bucket& bucket : buckets_) bucket.missing = bucket.entries;
  next_ = 0;
  armed_ = true;
}

void Buckets::filled(std::size_t bucket) {
  if (!armed_) return;
  --buckets_[bucket].missing;
  send_full();
}

void Buckets::send_full() {
  for (; next_ < buckets_.size() && buckets_[next_].missing == 0; ++next_)
    send_(buckets_[next_].begin, buckets_[next_].end);
}

void Buckets::finish() {
  for (Bucket& bucket : buckets_) bucket.missing = 0;
  if (!armed_) next_ = 0;
  send_full();
  armed_ = false;
}

}  // namespace trunkline
