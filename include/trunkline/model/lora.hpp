// Low-rank adapters of a trunk (LoRA: Hu et al. 2021): what is trained is a small change of its
// weights.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trunkline/core/keys.hpp"
#include "trunkline/model/trunk.hpp"

namespace trunkline {

/// `finetune.lora:` of the config.
struct LoraOptions {
  Optional<int64_t> rank = {};      ///< absent: no adapters
  Optional<double> alpha = {};      ///< the change counts alpha / rank times; absent: once
  std::vector<std::string> layers;  ///< of the trunk; empty: all linear layers and convolutions
  bool given() const { return rank.has_value(); }
};
void describe(Keys& keys, LoraOptions& options);

/// Whether a parameter of a trunk is one of an adapter, by its name.
bool is_adapter(const std::string& parameter);

/// A trunk whose weights are W + (alpha / rank) B A. W are the parameters of the trunk itself and
/// come first; then, for each adapted weight LAYER.weight (out, …), LAYER.lora_a (rank, elements of
/// W / out) and LAYER.lora_b (out, rank). A begins with normal numbers of variance 1 /
/// (elements of W / out), B with zeros, so that at first nothing is changed.
class LoraTrunk final : public Trunk {
 public:
  /// @throws UsageError for a layer that the trunk does not have
  LoraTrunk(std::unique_ptr<Trunk> trunk, const LoraOptions& options);

  const std::vector<ParameterSpec>& parameters() const override { return specs_; }
  TrunkOutput forward(Parameters parameters, const at::Tensor& x,
                      const Context& context) const override;
  const TrunkShape& shape() const override { return trunk_->shape(); }

  /// The trunk without adapters, and the parameters that make it the same function. Differentiable.
  const Trunk& plain() const { return *trunk_; }
  std::vector<at::Tensor> merge(Parameters parameters) const;

 private:
  void adapt(std::size_t weight, int64_t rank);
  void check_rank(int64_t rank) const;

  std::unique_ptr<Trunk> trunk_;
  double scale_;
  std::vector<ParameterSpec> specs_;
  std::vector<std::size_t> weights_;  ///< adapted ones
};

/// The trunk itself where the options ask for no adapters. @throws UsageError as LoraTrunk
std::unique_ptr<Trunk> with_adapters(std::unique_ptr<Trunk> trunk, const LoraOptions& options);

}  // namespace trunkline
