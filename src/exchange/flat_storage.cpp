#include "trunkline/exchange/flat_storage.hpp"

#include <ATen/core/grad_mode.h>
#include <c10/core/TensorOptions.h>
#include <torch/csrc/autograd/variable.h>

#include <functional>
#include <numeric>

#include "trunkline/core/error.hpp"

namespace trunkline {
namespace {

constexpr int64_t kAlignmentBytes = 64;  // a cache line, and the width of the widest vector unit

int64_t aligned(int64_t elements, int64_t element_bytes) {
  const int64_t unit = kAlignmentBytes / element_bytes;
  return (elements + unit - 1) / unit * unit;
}

at::Tensor view(const at::Tensor& flat, const FlatEntry& entry) {
  return flat.narrow(0, entry.begin, entry.elements()).view(entry.shape).detach();
}

}  // namespace

int64_t FlatEntry::elements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

int64_t elements_of(const std::vector<FlatEntry>& entries) {
  int64_t total = 0;
  for (const FlatEntry& entry : entries) total += entry.elements();
  return total;
}

int64_t flat_layout(std::vector<FlatEntry>& entries, int64_t element_bytes) {
  int64_t end = 0;
  for (FlatEntry& entry : entries) {
    entry.begin = end;
    end = aligned(entry.end(), element_bytes);
  }
  return end;
}

FlatStorage::FlatStorage(std::vector<FlatEntry> entries, at::Tensor values,
                         const at::Tensor& gradients)
    : entries_(std::move(entries)), values_(std::move(values)) {
  const int64_t size = flat_layout(entries_, static_cast<int64_t>(values_.itemsize()));
  ensure(values_.numel() == size, "a flat tensor of another size than its entries need");
  for (const FlatEntry& entry : entries_) {
    at::Tensor parameter = view(values_, entry);
    parameter.set_requires_grad(true);
    parameters_.push_back(std::move(parameter));
  }
  move_gradients(gradients);
}

// Autograd accumulates in place into a gradient that is there, but refuses to reset one that is a
// view.
void FlatStorage::move_gradients(const at::Tensor& gradients) {
  ensure(gradients.numel() == values_.numel(), "gradients lie like values");
  gradients_ = gradients;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    parameters_[i].mutable_grad() = view(gradients_, entries_[i]).variable_data();
}

void FlatStorage::zero_gradients(const std::function<bool(const at::Tensor&)>& keep) {
  int64_t begin = 0;  // of what has to be cleared and has not been
  const auto clear_to = [&](int64_t end) {
    if (end > begin) gradients_.narrow(0, begin, end - begin).zero_();
  };
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!keep(parameters_[i])) continue;
    clear_to(entries_[i].begin);
    begin = entries_[i].end();
  }
  clear_to(gradients_.numel());
}

}  // namespace trunkline
