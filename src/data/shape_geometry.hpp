// Outlines and textures of the shapes data set, in the shape's own coordinates: centre at the
// origin, circumscribed radius 1, not turned.
#pragma once

#include "shape_scene.hpp"

namespace trunkline {

/// Negative inside, zero on the edge, and near an edge the distance to it, for anti-aliasing.
float outline_distance(Shape shape, float u, float v);

/// The distance to the nearest point of the outline, everywhere.
float distance_to_outline(Shape shape, float u, float v);

/// A pattern of two colours.
class TexturePattern {
 public:
  /// @param phase shifts the pattern, [0, 1)
  /// @param pixel width of a pixel: edges of the pattern are as soft as that
  TexturePattern(Texture texture, float phase, float pixel)
      : texture_(texture), phase_(phase), pixel_(pixel) {}

  /// Share of the second colour, in [0, 1].
  float at(float u, float v) const;

 private:
  float band(float along) const;
  float checker(float u, float v) const;
  float dots(float u, float v) const;

  Texture texture_;
  float phase_, pixel_;
};

}  // namespace trunkline
