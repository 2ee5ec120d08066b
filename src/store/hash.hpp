// XXH3-64, the hash of everything in a checkpoint (github.com/Cyan4973/xxHash; about memory speed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trunkline {

uint64_t hash_of(std::span<const std::byte> bytes);
uint64_t hash_of(std::string_view text);

/// 16 lower-case hexadecimal digits.
std::string hex(uint64_t hash);

/// The inverse of hex(). @throws CheckpointError for any other text
uint64_t unhex(std::string_view digits);

}  // namespace trunkline
