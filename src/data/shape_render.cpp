#include "shape_render.hpp"

#include <algorithm>
#include <cmath>

#include "shape_geometry.hpp"
#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

constexpr float kBlend = 0.55F;  // a texture's second colour, on the way to the background

// The pixels that a circle may touch, clipped to the canvas; right and bottom are one beyond.
struct Box {
  int64_t left, right, top, bottom;

  Box(float x, float y, float radius, int64_t size)
      : left(clip(x - radius, size, -1)),
        right(clip(x + radius, size, 2)),
        top(clip(y - radius, size, -1)),
        bottom(clip(y + radius, size, 2)) {}

  static int64_t clip(float at, int64_t size, int64_t margin) {
    const auto pixel = static_cast<int64_t>(at * static_cast<float>(size)) + margin;
    return std::clamp<int64_t>(pixel, 0, size);
  }
};

float centre(int64_t pixel) { return static_cast<float>(pixel) + 0.5F; }

Colour mixed(const Colour& a, const Colour& b, float t) {
  return {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])};
}

// How much of a pixel lies inside, from the distance of its centre to the edge, in pixels.
float coverage(float distance) { return std::clamp(0.5F - distance, 0.F, 1.F); }

}  // namespace

ShapeRenderer::ShapeRenderer(int64_t size)
    : size_(size),
      pixels_(size * size),
      canvas_(static_cast<std::size_t>(3 * pixels_)),
      picture_(canvas_.size()) {}

const std::vector<uint8_t>& ShapeRenderer::render(const ShapeScene& scene) {
  paint_ground(scene);
  for (const Speck& speck : scene.specks) paint_speck(speck);
  paint_shape(scene);
  add_noise(scene);
  return picture_;
}

void ShapeRenderer::paint_ground(const ShapeScene& scene) {
  const auto side = static_cast<float>(size_);
  float* out = canvas_.data();
  for (std::size_t c = 0; c < 3; ++c)
    for (int64_t row = 0; row < size_; ++row) {
      const float down = scene.slope_y * (centre(row) / side - 0.5F);
      for (int64_t column = 0; column < size_; ++column) {
        const float right = scene.slope_x * (centre(column) / side - 0.5F);
        *out++ = scene.ground[c] + scene.slope[c] * (right + down);
      }
    }
}

void ShapeRenderer::blend(int64_t row, int64_t column, const Colour& colour, float share) {
  float* value = canvas_.data() + row * size_ + column;
  for (std::size_t c = 0; c < 3; ++c, value += pixels_) *value += share * (colour[c] - *value);
}

void ShapeRenderer::paint_speck(const Speck& speck) {
  const auto side = static_cast<float>(size_);
  const Box box(speck.x, speck.y, speck.radius, size_);
  for (int64_t row = box.top; row < box.bottom; ++row)
    for (int64_t column = box.left; column < box.right; ++column) {
      const float u = centre(column) - speck.x * side, v = centre(row) - speck.y * side;
      const float distance = std::sqrt(u * u + v * v) - speck.radius * side;
      blend(row, column, speck.colour, coverage(distance));
    }
}

void ShapeRenderer::paint_shape(const ShapeScene& scene) {
  const auto side = static_cast<float>(size_);
  const float radius = scene.radius * side;
  const TexturePattern pattern(scene.texture, scene.phase, 1 / radius);
  const Colour second = mixed(scene.paint, scene.ground, kBlend);
  const float c = std::cos(scene.angle) / radius, s = std::sin(scene.angle) / radius;
  const Box box(scene.x, scene.y, scene.radius, size_);
  for (int64_t row = box.top; row < box.bottom; ++row)
    for (int64_t column = box.left; column < box.right; ++column) {
      const float x = centre(column) - scene.x * side, y = centre(row) - scene.y * side;
      const float u = c * x + s * y, v = c * y - s * x;  // turned back, in radii
      float share = coverage(outline_distance(scene.shape, u, v) * radius);
      if (share == 0) continue;
      if (!scene.filled)
        share -= coverage(outline_distance(scene.shape, u / kHole, v / kHole) * radius * kHole);
      blend(row, column, mixed(scene.paint, second, pattern.at(u, v)), share);
    }
}

// The sum of three small integers is close enough to normal and needs one hash per pixel: a 64-bit
// word gives three channels of three 7-bit numbers.
void ShapeRenderer::add_noise(const ShapeScene& scene) {
  constexpr float kMean = 3 * 63.5F;
  const float amplitude = 255 * scene.noise / std::sqrt(3 * (128.F * 128.F - 1) / 12);
  for (int64_t pixel = 0; pixel < pixels_; ++pixel) {
    uint64_t word = mix(scene.noise_key + static_cast<uint64_t>(pixel) * 0x9E3779B97F4A7C15u);
    for (int64_t c = 0; c < 3; ++c, word >>= 21) {
      const auto sum = static_cast<float>(
          static_cast<int>((word & 127) + (word >> 7 & 127) + (word >> 14 & 127)));
      const auto at = static_cast<std::size_t>(c * pixels_ + pixel);
      const float value = 255 * canvas_[at] + amplitude * (sum - kMean);
      // NOLINTNEXTLINE(bugprone-incorrect-roundings): lround is slower, and differs just below .5
      picture_[at] = static_cast<uint8_t>(static_cast<int>(std::clamp(value, 0.F, 255.F) + 0.5F));
    }
  }
}

}  // namespace trunkline
