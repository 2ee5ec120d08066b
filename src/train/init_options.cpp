#include "trunkline/train/init_options.hpp"

namespace trunkline {

void describe(Keys& keys, InitOptions& o) {
  keys.value("from", o.from,
             "parameters to begin with: a run folder (its best checkpoint, else its newest), a "
             "checkpoint folder, a .safetensors file or a .pt file of torch.jit, relative to the "
             "current folder; empty: random values");
  const KeyRules with_from = {.when = o.given(), .when_text = "from: PATH"};
  keys.value("map", o.map,
             "names of tensors there, each with its name here: whole names, or what they begin "
             "with up to a dot, e.g. {encoder: trunk}",
             with_from);
  for (const auto& [theirs, ours] : o.map)
    if (ours.size() != 1) keys.reject("map", "give one name for " + theirs);
  keys.value("skip", o.skip,
             "names here, whole or up to a dot, that begin with random values all the same, e.g. "
             "heads.shape",
             with_from);
}

}  // namespace trunkline
