// Random numbers as pure functions of keys: no generator, no state, the same on every rank.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace trunkline {

/// Bijective mixing of 64 bits (the finaliser of SplitMix64).
uint64_t mix(uint64_t z);

/// Hash of a list of words; the key of one random decision, e.g. key({seed, source, epoch, 1}).
uint64_t key(std::initializer_list<uint64_t> words);

/// Hash of a name (FNV-1a), for keys that must not depend on order or position.
uint64_t name_key(std::string_view name);

/// Keyed bijection of [0, n): the i-th element of a random permutation, in O(1) memory.
/// @param i position in [0, n)   @param n at least 1   @param k the key
uint64_t permute(uint64_t i, uint64_t n, uint64_t k);

/// The position whose image under permute(·, n, k) is `value`.
uint64_t permute_inverse(uint64_t value, uint64_t n, uint64_t k);

/// Uniform in [0, 1) with 53 random bits.
double uniform(uint64_t k);

/// Standard normal (Box-Muller on two numbers derived from the key).
double normal(uint64_t k);

}  // namespace trunkline
