#include "trunkline/core/hash.hpp"

#include <xxhash.h>

namespace trunkline {

uint64_t hash_bytes(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace trunkline
