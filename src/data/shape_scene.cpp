#include "shape_scene.hpp"

#include <cmath>
#include <numbers>

#include "trunkline/core/random.hpp"

namespace trunkline {
namespace {

constexpr float kMinRadius = 0.15F, kMaxRadius = 0.34F;
constexpr float kMinNoise = 0.01F, kMaxNoise = 0.07F;
constexpr float kMinContrast = 0.25F;  // in luminance: below it, noise hides small shapes
constexpr float kTurn = 2 * std::numbers::pi_v<float>;

// One per decision. The values are part of the format: a new decision goes to the end.
enum Purpose : uint64_t {
  kShape,
  kTexture,
  kFilled,
  kX,
  kY,
  kRadius,
  kAngle,
  kPhase,
  kNoise,
  kNoiseKey,
  kSlopeDirection,
  kSlope,
  kSpeckPlace,
  kSpeckColour,
  kColours,
  kGrey,
  kHidden,
};

struct Draws {
  uint64_t seed, row;

  float in(float low, float high, Purpose purpose, uint64_t index = 0) const {
    return low + (high - low) * static_cast<float>(uniform(key({seed, row, purpose, index})));
  }
  uint8_t choice(int64_t n, Purpose purpose) const {
    return static_cast<uint8_t>(uniform(key({seed, row, purpose})) * static_cast<double>(n));
  }
  Colour colour(float low, float high, Purpose purpose, uint64_t index = 0) const {
    return {in(low, high, purpose, 3 * index), in(low, high, purpose, 3 * index + 1),
            in(low, high, purpose, 3 * index + 2)};
  }
};

// Grey with a tint: were the background as colourful as the shape, most of the learning would be to
// tell one from the other.
Colour muted_colour(const Draws& draws, uint64_t index) {
  const float grey = draws.in(0.15F, 0.85F, kGrey, index);
  const Colour tint = draws.colour(-0.1F, 0.1F, kColours, index);
  return {grey + tint[0], grey + tint[1], grey + tint[2]};
}

// Draws pairs until one has contrast; most have.
void draw_colours(const Draws& draws, ShapeScene& scene) {
  for (uint64_t attempt = 0;; attempt += 2) {
    scene.ground = muted_colour(draws, attempt);
    scene.paint = draws.colour(0, 1, kColours, attempt + 1);
    if (std::abs(luminance(scene.paint) - luminance(scene.ground)) >= kMinContrast) return;
  }
}

void draw_background(const Draws& draws, ShapeScene& scene) {
  const float direction = draws.in(0, kTurn, kSlopeDirection);
  scene.slope_x = std::cos(direction);
  scene.slope_y = std::sin(direction);
  scene.slope = draws.colour(-0.1F, 0.1F, kSlope);
  for (uint64_t i = 0; i < scene.specks.size(); ++i)
    scene.specks[i] = {draws.in(0, 1, kSpeckPlace, 3 * i), draws.in(0, 1, kSpeckPlace, 3 * i + 1),
                       draws.in(0.015F, 0.05F, kSpeckPlace, 3 * i + 2),
                       draws.colour(0, 1, kSpeckColour, i)};
}

}  // namespace

float luminance(const Colour& colour) {
  return 0.299F * colour[0] + 0.587F * colour[1] + 0.114F * colour[2];
}

Shape shape_of_row(uint64_t seed, uint64_t row) {
  return static_cast<Shape>(Draws{seed, row}.choice(kShapes, kShape));
}

ShapeScene scene_of_row(uint64_t seed, uint64_t row) {
  const Draws draws{seed, row};
  ShapeScene scene{};
  scene.shape = shape_of_row(seed, row);
  scene.texture = static_cast<Texture>(draws.choice(kTextures, kTexture));
  scene.filled = draws.choice(2, kFilled) == 1;
  scene.radius = draws.in(kMinRadius, kMaxRadius, kRadius);
  scene.x = draws.in(scene.radius, 1 - scene.radius, kX);
  scene.y = draws.in(scene.radius, 1 - scene.radius, kY);
  scene.angle = draws.in(0, kTurn, kAngle);
  scene.phase = draws.in(0, 1, kPhase);
  scene.noise = draws.in(kMinNoise, kMaxNoise, kNoise);
  scene.noise_key = key({seed, row, kNoiseKey});
  draw_colours(draws, scene);
  draw_background(draws, scene);
  return scene;
}

int symmetry(Shape shape) {
  constexpr std::array<int, kShapes> kFold = {0, 4, 3, 5};
  return kFold[static_cast<std::size_t>(shape)];
}

bool is_hidden(uint64_t seed, uint64_t row, HiddenLabel label, double share) {
  return uniform(key({seed, row, kHidden, static_cast<uint64_t>(label)})) < share;
}

}  // namespace trunkline
