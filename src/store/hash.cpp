#include "hash.hpp"

#include <xxhash.h>

#include <charconv>

#include "trunkline/core/error.hpp"

namespace trunkline {

uint64_t hash_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string hex(uint64_t hash) { return fmt::format("{:016x}", hash); }

uint64_t unhex(std::string_view digits) {
  uint64_t hash = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  check<CheckpointError>(hex(hash) == digits, "a hash is not 16 hexadecimal digits");
  return hash;
}

}  // namespace trunkline
