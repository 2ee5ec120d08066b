#include "trunkline/core/random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace trunkline {
namespace {

constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;
constexpr uint64_t kRounds = 6;

// Widths of the two halves of a Feistel network that covers [0, n); at least 8 bits in all.
struct Halves {
  int left, right;
  explicit Halves(uint64_t n) {
    const int width = std::max(8, static_cast<int>(std::bit_width(n - 1)));
    left = width / 2;
    right = width - left;
  }
  uint64_t round(uint64_t k, uint64_t t, uint64_t half, int bits) const {
    return mix(k + t * kGolden + half) >> (64 - bits);
  }
};

}  // namespace

uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

uint64_t key(std::initializer_list<uint64_t> words) {
  uint64_t h = 0x6A09E667F3BCC909u;
  for (const uint64_t word : words) h = mix(h ^ mix(word + kGolden));
  return h;
}

uint64_t name_key(std::string_view name) {
  uint64_t h = 0xCBF29CE484222325u;
  for (const unsigned char byte : name) h = (h ^ byte) * 0x100000001B3u;
  return h;
}

uint64_t permute(uint64_t i, uint64_t n, uint64_t k) {
  const Halves halves(n);
  do {  // cycle walking: values beyond n go round again
    uint64_t l = i >> halves.right, r = i & ((uint64_t{1} << halves.right) - 1);
    for (uint64_t t = 0; t < kRounds; t += 2) {
      l ^= halves.round(k, t, r, halves.left);
      r ^= halves.round(k, t + 1, l, halves.right);
    }
    i = l << halves.right | r;
  } while (i >= n);
  return i;
}

uint64_t permute_inverse(uint64_t value, uint64_t n, uint64_t k) {
  const Halves halves(n);
  uint64_t i = value;
  do {
    uint64_t l = i >> halves.right, r = i & ((uint64_t{1} << halves.right) - 1);
    for (uint64_t t = kRounds; t > 0; t -= 2) {
      r ^= halves.round(k, t - 1, l, halves.right);
      l ^= halves.round(k, t - 2, r, halves.left);
    }
    i = l << halves.right | r;
  } while (i >= n);
  return i;
}

double uniform(uint64_t k) { return static_cast<double>(mix(k) >> 11) * 0x1.0p-53; }

double normal(uint64_t k) {
  const double u = 1.0 - uniform(key({k, 1}));  // in (0, 1], so that the logarithm is finite
  const double v = uniform(key({k, 2}));
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace trunkline
