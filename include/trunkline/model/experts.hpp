// Experts side by side and the gates that mix them: what trunks and heads with experts are made of.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/model/layers.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// Networks of one kind that read the same rows. A pure function; safe from several threads.
class Experts {
 public:
  /// Declares the parameters "NAME.expert0.…", "NAME.expert1.…" of its owner.
  /// @param options their layers, of kind `options.expert`   @param count may be 0
  /// @param owner "trunk" or "heads.TASK", for keys of dropout
  /// @throws UsageError where kind and shape do not fit
  Experts(const TrunkOptions& options, const std::vector<int64_t>& input_shape, int64_t count,
          const std::string& owner, const std::string& name, std::vector<ParameterSpec>& specs);

  bool empty() const { return networks_.empty(); }

  /// @param parameters of the owner   @return (n, count, width)
  at::Tensor forward(Parameters parameters, const at::Tensor& x, const Context& context) const;

 private:
  struct Network {
    std::unique_ptr<Trunk> layers;
    std::size_t first = 0;  // position of its parameters among the owner's
  };
  std::vector<Network> networks_;
};

/// p(x) = softmax(W x / sqrt(d)) for rows of d elements, one number per expert (Ma et al. 2018,
/// section 4.2). The root is ours: without it a step of Adam moves the gate of an image by a sum
/// over all its pixels, and one expert takes all at once. No bias: a gate depends on the row alone.
/// W begins small, so that all experts begin with nearly equal shares.
class Gate {
 public:
  Gate() = default;
  /// Declares the parameter "NAME.gate.weight" of its owner. @param inputs elements of a row
  Gate(const std::string& name, int64_t inputs, int64_t experts, std::vector<ParameterSpec>& specs);

  /// @param x (n, …), flattened   @return (n, experts), rows that sum to 1
  at::Tensor forward(Parameters parameters, const at::Tensor& x) const;

 private:
  Linear linear_;
};

/// sum_i p_i e_i. @param gate (n, experts)   @param experts (n, experts, width)   @return (n,
/// width)
at::Tensor mix(const at::Tensor& gate, const at::Tensor& experts);

/// The options of one expert. @param key of the trunk, for the message
/// @throws UsageError where `options.expert` is no kind of network
TrunkOptions expert_options(const TrunkOptions& options, const std::string& key);

/// How many layers of experts such a trunk has.
int64_t expert_layers(const TrunkOptions& options);

/// Elements of one row.
int64_t row_elements(const std::vector<int64_t>& shape);

}  // namespace trunkline
