// Paints a scene of the shapes data set.
#pragma once

#include <cstdint>
#include <vector>

#include "shape_scene.hpp"

namespace trunkline {

/// Owns the canvas, so that painting allocates nothing. Not thread-safe.
class ShapeRenderer {
 public:
  explicit ShapeRenderer(int64_t size);

  /// The picture as u8 (3, size, size); good until the next call.
  const std::vector<uint8_t>& render(const ShapeScene& scene);

 private:
  void paint_ground(const ShapeScene& scene);
  void paint_speck(const Speck& speck);
  void paint_shape(const ShapeScene& scene);
  void add_noise(const ShapeScene& scene);
  void blend(int64_t row, int64_t column, const Colour& colour, float share);

  int64_t size_, pixels_;
  std::vector<float> canvas_;  // (3, size, size)
  std::vector<uint8_t> picture_;
};

}  // namespace trunkline
