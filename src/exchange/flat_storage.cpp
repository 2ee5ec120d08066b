#include "trunkline/exchange/flat_storage.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <c10/core/TensorOptions.h>
#include <torch/csrc/autograd/variable.h>

#include <functional>
#include <numeric>

namespace trunkline {
namespace {

constexpr int64_t kAlignmentBytes = 64;  // a cache line, and the width of the widest vector unit

int64_t aligned(int64_t elements, int64_t element_bytes) {
  const int64_t unit = kAlignmentBytes / element_bytes;
  return (elements + unit - 1) / unit * unit;
}

}  // namespace

int64_t FlatEntry::elements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

int64_t flat_layout(std::vector<FlatEntry>& entries, int64_t element_bytes) {
  int64_t end = 0;
  for (FlatEntry& entry : entries) {
    entry.begin = end;
    end = aligned(entry.end(), element_bytes);
  }
  return end;
}

FlatStorage::FlatStorage(std::vector<FlatEntry> entries, c10::ScalarType type)
    : entries_(std::move(entries)) {
  const int64_t size = flat_layout(entries_, static_cast<int64_t>(c10::elementSize(type)));
  values_ = at::zeros({size}, type);
  gradients_ = at::zeros({size}, type);
  for (const FlatEntry& entry : entries_) {
    const auto view = [&](const at::Tensor& flat) {
      return flat.narrow(0, entry.begin, entry.elements()).view(entry.shape).detach();
    };
    at::Tensor parameter = view(values_);
    parameter.set_requires_grad(true);
    // Autograd accumulates in place into a gradient that is there, but refuses to reset one that is
    // a view.
    parameter.mutable_grad() = view(gradients_).variable_data();
    parameters_.push_back(std::move(parameter));
  }
}

void FlatStorage::zero_gradients() { gradients_.zero_(); }

}  // namespace trunkline
