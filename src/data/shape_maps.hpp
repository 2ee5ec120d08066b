// The labels per pixel of the shapes data set.
#pragma once

#include <cstdint>
#include <vector>

#include "shape_scene.hpp"

namespace trunkline {

/// Owns both maps, so that drawing allocates nothing. Not thread-safe.
class ShapeMaps {
 public:
  explicit ShapeMaps(int64_t size);

  /// Both maps of a scene; good until the next call.
  void draw(const ShapeScene& scene);

  /// (size, size): 0 where the centre of the pixel is background, a hole too; else 1 + the shape.
  const std::vector<uint8_t>& mask() const { return mask_; }
  /// (size, size), in pixels: from the centre of the pixel to the nearest outline.
  const std::vector<float>& distance() const { return distance_; }

 private:
  int64_t size_;
  std::vector<uint8_t> mask_;
  std::vector<float> distance_;
};

}  // namespace trunkline
