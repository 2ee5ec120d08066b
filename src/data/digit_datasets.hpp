// What the files made of MNIST have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mnist_files.hpp"
#include "trunkline/h5/writer.hpp"

namespace trunkline {

/// Marks the file as one of our schema and says where it comes from.
inline void describe_file(h5::Writer& file, const std::string& description) {
  file.attribute("/", "trunkline_schema", "1");
  file.attribute("/", "description", description);
}

/// Grey pictures (rows, 1, height, width) whose numbers are v * scale + bias.
inline h5::DatasetWriter& create_pictures(h5::Writer& file, const std::string& name, int64_t rows,
                                          const std::vector<int64_t>& shape, double scale,
                                          double bias) {
  h5::DatasetWriter& x = file.create({.name = name, .rows = rows, .row_shape = shape});
  x.attribute("role", "input");
  x.attribute("layout", "chw");
  x.attribute("scale", scale);
  x.attribute("bias", bias);
  return x;
}

/// One of ten classes per row.
inline h5::DatasetWriter& create_labels(h5::Writer& file, const std::string& name, int64_t rows) {
  h5::DatasetWriter& y = file.create({.name = name, .rows = rows});
  y.attribute("role", "target");
  y.attribute("kind", "classification");
  y.attribute("num_classes", MnistFiles::kClasses);
  return y;
}

}  // namespace trunkline
