#include "hash.hpp"

#include <charconv>

#include "trunkline/core/error.hpp"
#include "trunkline/core/hash.hpp"

namespace trunkline {

uint64_t hash_of(std::span<const std::byte> bytes) { return hash_bytes(bytes); }

uint64_t hash_of(std::string_view text) { return hash_bytes(std::as_bytes(std::span(text))); }

std::string hex(uint64_t hash) { return fmt::format("{:016x}", hash); }

uint64_t unhex(std::string_view digits) {
  uint64_t hash = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  check<CheckpointError>(hex(hash) == digits, "a hash is not 16 hexadecimal digits");
  return hash;
}

}  // namespace trunkline
