#include "shape_maps.hpp"

#include <algorithm>
#include <cmath>

#include "shape_geometry.hpp"

namespace trunkline {
namespace {

bool is_painted(const ShapeScene& scene, float u, float v) {
  const bool inside = outline_distance(scene.shape, u, v) < 0;
  return inside && (scene.filled || outline_distance(scene.shape, u / kHole, v / kHole) >= 0);
}

// In radii.
float nearest_outline(const ShapeScene& scene, float u, float v) {
  const float outer = distance_to_outline(scene.shape, u, v);
  if (scene.filled) return outer;
  return std::min(outer, kHole * distance_to_outline(scene.shape, u / kHole, v / kHole));
}

}  // namespace

ShapeMaps::ShapeMaps(int64_t size)
    : size_(size), mask_(static_cast<std::size_t>(size * size)), distance_(mask_.size()) {}

void ShapeMaps::draw(const ShapeScene& scene) {
  const auto side = static_cast<float>(size_);
  const float radius = scene.radius * side;
  const float c = std::cos(scene.angle) / radius, s = std::sin(scene.angle) / radius;
  const auto shape = static_cast<uint8_t>(1 + static_cast<uint8_t>(scene.shape));
  std::size_t pixel = 0;
  for (int64_t row = 0; row < size_; ++row)
    for (int64_t column = 0; column < size_; ++column, ++pixel) {
      const float x = static_cast<float>(column) + 0.5F - scene.x * side;
      const float y = static_cast<float>(row) + 0.5F - scene.y * side;
      const float u = c * x + s * y, v = c * y - s * x;  // turned back, in radii
      mask_[pixel] = is_painted(scene, u, v) ? shape : uint8_t{0};
      distance_[pixel] = radius * nearest_outline(scene, u, v);
    }
}

}  // namespace trunkline
