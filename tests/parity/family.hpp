// A trained parent and the config of a run that begins with it.
#pragma once

#include <string>
#include <vector>

#include "parity/training.hpp"
#include "support/h5_fixture.hpp"

namespace trunkline::test {

// Two tasks of the parent are kept, two dropped, and one is new; the source b has a stem.
inline std::string write_child_config(const TemporaryFolder& folder) {
  return folder.text("child.yaml", R"(
run: {name: child, seed: 9}
sources:
  a: {file: tasks.h5#/a, batch: 24}
  b: {file: tasks.h5#/b, batch: 10, stem: {kind: mlp, widths: [6]}}
trunk: {kind: mlp, widths: [16, 12], norm: layer, activation: tanh, dropout: 0.2}
tasks:
  value: {source: a, target: value, kind: regression, head: {widths: [7]}}
  other: {source: b, target: class, kind: classification, head: {widths: [5], dropout: 0.3}}
  fresh: {source: a, target: class, kind: classification}
train:
  steps: 50
  precision: float64
  clip_norm: 1.0
  ema: 0.9
  optimizer: {kind: sgd, lr: 0.05, momentum: 0.9}
)");
}

/// A folder with a trained parent, with averages, and the config of its child.
struct Family {
  explicit Family(const std::vector<std::string>& overrides = {}) {
    config = write_child_config(folder);
    parent_config = write_parity_config(folder / "");
    parent = save_parent(parent_config, folder / "parent", overrides);
  }
  Weights child(Cut cut, int64_t steps, const std::string& from = "") const {
    cut.overrides.push_back("init.from=" + (from.empty() ? parent : from));
    return train_steps(config, cut, steps);
  }

  TemporaryFolder folder;
  std::string config, parent_config, parent;
};

}  // namespace trunkline::test
