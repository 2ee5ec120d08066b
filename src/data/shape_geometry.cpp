#include "shape_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>

namespace trunkline {
namespace {

constexpr float kPeriod = 0.5F;      // of a texture: four periods over the shape
constexpr float kDotRadius = 0.32F;  // in periods
constexpr float kStarWaist = 0.45F;  // radius of a star's inner corners

struct Direction {
  float u, v;
};

// Cosine and sine of 36, 45, 60, 72, 108 and 120 degrees.
constexpr Direction k45 = {std::numbers::sqrt2_v<float> / 2, std::numbers::sqrt2_v<float> / 2};
constexpr Direction k60 = {0.5F, std::numbers::sqrt3_v<float> / 2};
constexpr Direction k120 = {-0.5F, std::numbers::sqrt3_v<float> / 2};
constexpr Direction k36 = {0.80901699F, 0.58778525F};
constexpr Direction k72 = {0.30901699F, 0.95105652F};
constexpr Direction k108 = {-0.30901699F, 0.95105652F};

// Mirrors a point that lies beyond a line through the origin back across it.
void fold(float& u, float& v, const Direction& line) {
  const float beyond = std::max(0.F, line.u * v - line.v * u);
  u += 2 * beyond * line.v;
  v -= 2 * beyond * line.u;
}

// Corners at 0, 120 and 240 degrees.
float triangle(float u, float v) {
  constexpr float kHalfRoot3 = std::numbers::sqrt3_v<float> / 2;
  return std::max(0.5F * u + kHalfRoot3 * std::abs(v), -u) - 0.5F;
}

// Mirrors fold the star onto a wedge of 36 degrees, where its edge is one line, from the tip (1, 0)
// to the inner corner.
float star(float u, float v) {
  v = std::abs(v);
  fold(u, v, k108);
  fold(u, v, k72);
  fold(u, v, k36);
  constexpr float kNormalU = kStarWaist * k36.v, kNormalV = 1 - kStarWaist * k36.u;
  constexpr float kSquared = kNormalU * kNormalU + kNormalV * kNormalV;
  return (kNormalU * (u - 1) + kNormalV * v) / std::sqrt(kSquared);
}

// From the point p to the line between a and b.
float segment_distance(const Direction& p, const Direction& a, const Direction& b) {
  const float du = b.u - a.u, dv = b.v - a.v, pu = p.u - a.u, pv = p.v - a.v;
  const float along = std::clamp((pu * du + pv * dv) / (du * du + dv * dv), 0.F, 1.F);
  return std::hypot(pu - along * du, pv - along * dv);
}

// Mirrors that leave the shape as it is take a point to where half an edge of the outline lies; of
// all the outline nothing is nearer to it.
Direction folded(float u, float v, std::initializer_list<Direction> lines) {
  v = std::abs(v);
  for (const Direction& line : lines) fold(u, v, line);
  return {u, v};
}

// For x above -64; the library's floor is a call where the processor's minimum is assumed.
float fraction(float x) {
  x += 64;
  return x - static_cast<float>(static_cast<int>(x));
}

float soft_step(float distance, float pixel) {
  return std::clamp(0.5F + distance / pixel, 0.F, 1.F);
}

}  // namespace

float outline_distance(Shape shape, float u, float v) {
  switch (shape) {
    case Shape::kDisc:
      return std::sqrt(u * u + v * v) - 1;
    case Shape::kSquare:
      return std::max(std::abs(u), std::abs(v)) - std::numbers::sqrt2_v<float> / 2;
    case Shape::kTriangle:
      return triangle(u, v);
    case Shape::kStar:
      return star(u, v);
  }
  return 1;
}

float distance_to_outline(Shape shape, float u, float v) {
  switch (shape) {
    case Shape::kDisc:
      return std::abs(outline_distance(shape, u, v));
    case Shape::kSquare:
      return segment_distance(folded(std::abs(u), v, {k45}), {k45.u, 0}, k45);
    case Shape::kTriangle:
      return segment_distance(folded(u, v, {k120, k60}), {1, 0}, {0.5F * k60.u, 0.5F * k60.v});
    case Shape::kStar:
      return segment_distance(folded(u, v, {k108, k72, k36}), {1, 0},
                              {kStarWaist * k36.u, kStarWaist * k36.v});
  }
  return 0;
}

// Alternating bands of half a period.
float TexturePattern::band(float along) const {
  const float place = fraction(along / kPeriod + phase_);
  return soft_step((0.25F - std::abs(place - 0.5F)) * kPeriod, pixel_);
}

float TexturePattern::checker(float u, float v) const {
  const float a = band(u), b = band(v);
  return a + b - 2 * a * b;  // a soft "exclusive or"
}

float TexturePattern::dots(float u, float v) const {
  const float du = fraction(u / kPeriod + phase_) - 0.5F;
  const float dv = fraction(v / kPeriod + phase_) - 0.5F;
  return soft_step((kDotRadius - std::sqrt(du * du + dv * dv)) * kPeriod, pixel_);
}

float TexturePattern::at(float u, float v) const {
  switch (texture_) {
    case Texture::kPlain:
      return 0;
    case Texture::kStripes:
      return band(u);
    case Texture::kChecker:
      return checker(u, v);
    case Texture::kDots:
      return dots(u, v);
    case Texture::kRings:
      return band(std::sqrt(u * u + v * v));
    case Texture::kGradient:
      return std::clamp(0.5F * (u + 1), 0.F, 1.F);
  }
  return 0;
}

}  // namespace trunkline
