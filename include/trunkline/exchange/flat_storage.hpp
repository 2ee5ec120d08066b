// Parameters and gradients in two flat tensors, so that optimizers and collectives see one piece of
// memory.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace trunkline {

/// A named tensor to be placed in flat storage.
struct FlatEntry {
  std::string name;  ///< full name, "trunk.conv1.weight"
  std::vector<int64_t> shape;
  int64_t begin = 0;  ///< set by flat_layout: first element
  int64_t elements() const;
  int64_t end() const { return begin + elements(); }
};

/// Of all entries together, without what lies between them.
int64_t elements_of(const std::vector<FlatEntry>& entries);

/// Places entries one after the other, each on a 64-byte border; returns the size of the whole in
/// elements.
int64_t flat_layout(std::vector<FlatEntry>& entries, int64_t element_bytes);

/// Two flat tensors and leaf views into them: layers use the views, backward adds into the gradient
/// views in place. Padding between entries stays as it is given. Moving keeps the views valid.
class FlatStorage {
 public:
  FlatStorage() = default;
  /// @param values, gradients 1-D, of the size that flat_layout gives; their content counts
  FlatStorage(std::vector<FlatEntry> entries, at::Tensor values, const at::Tensor& gradients);

  /// The same views into other gradient memory, 1-D, of the same size; its content counts.
  void move_gradients(const at::Tensor& gradients);

  const std::vector<FlatEntry>& entries() const { return entries_; }
  const at::Tensor& values() const { return values_; }        ///< 1-D
  const at::Tensor& gradients() const { return gradients_; }  ///< 1-D, the same size
  std::span<const at::Tensor> parameters() const { return parameters_; }

  /// Sets gradients to 0, but for those of parameters of which `keep` is true.
  void zero_gradients(const std::function<bool(const at::Tensor&)>& keep = [](const at::Tensor&) {
    return false;
  });

 private:
  std::vector<FlatEntry> entries_;
  at::Tensor values_, gradients_;
  std::vector<at::Tensor> parameters_;
};

}  // namespace trunkline
