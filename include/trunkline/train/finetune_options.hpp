// How a model that was trained before is trained on.
#pragma once

#include <cstdint>
#include <string>

#include "trunkline/core/keys.hpp"
#include "trunkline/model/lora.hpp"

namespace trunkline {

/// `finetune.unfreeze:`
struct UnfreezeOptions {
  int64_t every = 0;  ///< epochs; 0: never
};
void describe(Keys& keys, UnfreezeOptions& options);

/// `finetune.lr:` factors on the learning rate; what has the factor 0 is frozen.
struct PartRates {
  double trunk = 1.0, stems = 1.0, heads = 1.0;
};
void describe(Keys& keys, PartRates& rates);

/// `finetune:` of the config.
struct FinetuneOptions {
  std::string freeze = "none";  ///< none | trunk | a number of layers, from the input up
  UnfreezeOptions unfreeze;
  PartRates lr;
  double l2_sp = 0.0;  ///< pull of the trunk to its first values; 0: none
  LoraOptions lora;    ///< adapters, which are trained while the trunk itself is frozen
  bool given() const;  ///< whether anything differs from plain training
};
void describe(Keys& keys, FinetuneOptions& options);

}  // namespace trunkline
