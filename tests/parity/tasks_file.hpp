// Two small sources with all that may go wrong in a sum over ranks: missing labels, row weights, a
// short last batch.
#pragma once

#include <string>

#include "support/h5_fixture.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline::test {

inline std::vector<float> random_floats(std::size_t n, uint64_t k) {
  std::vector<float> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<float>(normal(key({k, i}))));
  return values;
}

inline std::vector<uint8_t> random_bytes(std::size_t n, uint64_t k, uint64_t below) {
  std::vector<uint8_t> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<uint8_t>(key({k, i}) % below));
  return values;
}

/// /a: 53 rows with class, value (some entries missing, row weights) and flags; /b: 37 rows with
/// class; /images: 29 rows of 2x6x6 pixels with class and value.
inline std::string write_tasks_file(const std::string& path) {
  constexpr std::size_t kA = 53, kB = 37, kImages = 29;
  std::vector<float> weight;
  for (std::size_t i = 0; i < kA; ++i) weight.push_back(0.25f * static_cast<float>(i % 5));
  H5Writer(path)
      .write("a/x", {kA, 6}, random_floats(kA * 6, 1))
      .column("a/class", random_bytes(kA, 2, 3))
      .column("a/class_valid", random_bytes(kA, 3, 2))
      .write("a/value", {kA, 2}, random_floats(kA * 2, 4))
      .write("a/value_valid", {kA, 2}, random_bytes(kA * 2, 5, 2))
      .column("a/value_weight", weight)
      .write("a/flags", {kA, 4}, random_bytes(kA * 4, 6, 2))
      .write("b/x", {kB, 6}, random_floats(kB * 6, 7))
      .column("b/class", random_bytes(kB, 8, 2))
      .write("images/x", {kImages, 2, 6, 6}, random_floats(kImages * 72, 9))
      .column("images/class", random_bytes(kImages, 10, 3))
      .write("images/value", {kImages, 2}, random_floats(kImages * 2, 11));
  return path;
}

}  // namespace trunkline::test
