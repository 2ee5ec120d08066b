// A source with classes for episodes, and configs of meta-learning on it.
#pragma once

#include <fstream>
#include <string>

#include "parity/tasks_file.hpp"

namespace trunkline::test {

/// Splits train and valid of 6 classes each (0 to 5, 6 to 11) with 6 rows of numbers around a
/// centre, row weights on a regression target, one row without a class; class 5 has one row only.
/// @param shape of a row
inline void write_episodes_file(const std::string& path, const Shape& shape = {5}) {
  H5Writer file(path);
  std::size_t width = 1;
  for (const auto extent : shape) width *= extent;
  for (const std::size_t split : {0, 1}) {
    const std::string group = split == 0 ? "train" : "valid";
    std::vector<float> x;
    std::vector<uint8_t> label, valid;
    for (std::size_t c = 0; c < 6; ++c)
      for (std::size_t i = 0; i < (split == 0 && c == 5 ? 1u : 6u); ++i) {
        for (std::size_t j = 0; j < width; ++j)
          x.push_back(static_cast<float>(normal(key({split, c, j})) +
                                         0.3 * normal(key({split, c, i, j, 1}))));
        label.push_back(static_cast<uint8_t>(6 * split + c));
        valid.push_back(label.size() != 3);
      }
    const std::size_t rows = label.size();
    Shape extents = {rows};
    extents.insert(extents.end(), shape.begin(), shape.end());
    file.write(group + "/x", extents, x)
        .column(group + "/class", label)
        .column(group + "/class_valid", valid)
        .write(group + "/value", {rows, 2}, random_floats(rows * 2, 20 + split));
  }
}

/// @param meta the section's content, e.g. "algorithm: maml"
inline std::string write_meta_config(const std::string& folder, const std::string& meta,
                                     const Shape& shape = {5}) {
  write_episodes_file(folder + "/episodes.h5", shape);
  std::ofstream(folder + "/meta.yaml")
      << "run: {name: meta, seed: 5}\n"
         "sources:\n"
         "  s: {file: episodes.h5, batch: 8}\n"
         "trunk: {kind: mlp, widths: [7, 6], norm: layer, activation: tanh, dropout: 0.1}\n"
         "tasks:\n"
         "  few: {source: s, target: class, kind: few_shot, head: {widths: [4]}}\n"
         "meta: {sources: [s], ways: 3, shots: 2, queries: 2, tasks: 5, inner_steps: 2, "
         "inner_rate: 0.3, evaluate: {episodes: 12}, "
      << meta
      << "}\n"
         "train:\n"
         "  steps: 20\n"
         "  precision: float64\n"
         "  optimizer: {kind: sgd, lr: 0.1, momentum: 0.9}\n";
  return folder + "/meta.yaml";
}

}  // namespace trunkline::test
