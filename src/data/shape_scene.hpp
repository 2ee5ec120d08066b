// What one picture of the shapes data set shows: every random decision of a row, made from keys.
#pragma once

#include <array>
#include <cstdint>

namespace trunkline {

enum class Shape : uint8_t { kDisc, kSquare, kTriangle, kStar };
constexpr int64_t kShapes = 4;

enum class Texture : uint8_t { kPlain, kStripes, kChecker, kDots, kRings, kGradient };
constexpr int64_t kTextures = 6;

using Colour = std::array<float, 3>;  ///< red, green, blue in [0, 1]

constexpr float kLargeRadius = 0.245F;  ///< the middle of the range of radii
constexpr float kHole = 0.5F;           ///< size of the hole of a shape that is not filled
constexpr float kLoudNoise = 0.04F;     ///< the middle of the range of noise

/// A small disc in the background, there to distract.
struct Speck {
  float x, y, radius;
  Colour colour;
};

/// Lengths in canvas widths; the shape lies within the canvas as a whole.
struct ShapeScene {
  Shape shape;
  Texture texture;
  bool filled;             ///< without a hole
  float x, y;              ///< centre
  float radius;            ///< of the circumscribed circle
  float angle;             ///< radians
  float phase;             ///< of the texture, [0, 1)
  Colour paint;            ///< of the shape
  Colour ground;           ///< of the background, in the middle of the canvas
  Colour slope;            ///< how the background changes over the canvas,
  float slope_x, slope_y;  ///< and in which direction (a unit vector)
  float noise;             ///< standard deviation
  uint64_t noise_key;
  std::array<Speck, 3> specks;
};

float luminance(const Colour& colour);

/// The class alone, for sorting without drawing anything else.
Shape shape_of_row(uint64_t seed, uint64_t row);

/// A pure function of its arguments.
ShapeScene scene_of_row(uint64_t seed, uint64_t row);

/// The number of turns within 2 pi that leave the shape as it is; 0 for a disc.
int symmetry(Shape shape);

/// Whether the row has lost a label, decided for each label on its own.
enum class HiddenLabel : uint64_t { kShape, kPosition };
bool is_hidden(uint64_t seed, uint64_t row, HiddenLabel label, double share);

}  // namespace trunkline
